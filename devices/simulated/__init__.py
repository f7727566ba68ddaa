"""Simulated devices: programs that speak the devices' bytes, so that the production drivers run in every test.

Run as `python -m devices.simulated`; imported by tests alone. Steered through one control port (devices/control.py).
"""
