"""Central as it is served, for residents: its authorities are a program of their own, one person may ask for as many
codes as there are visits, and it can be broken on purpose.

``python -m tests.faults.central_program serve …`` with FAULTS_SANDBOX, FAULTS_SANDBOX_KEY and FAULTS_MUTANT.
"""

from __future__ import annotations

import os
from pathlib import Path
from unittest import mock

from central import codes, serving
from central.__main__ import app
from central.house import settings_of
from tests.faults.mutants import mutated

if __name__ == "__main__":
    authorities = settings_of(os.environ["FAULTS_SANDBOX"], Path(os.environ["FAULTS_SANDBOX_KEY"]))
    with (
        mock.patch.object(serving, "behind", return_value=(authorities, None)),
        mock.patch.object(codes, "PER_HOUR", 1_000_000),
        mutated(os.environ.get("FAULTS_MUTANT", "")),
    ):
        app()
