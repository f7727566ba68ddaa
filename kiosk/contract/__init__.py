"""All that travels between a kiosk and central: records, sealing, acts, queries and answers.

The one package of the kiosk that central imports.
"""
