from . import test_chain_run_jobs
