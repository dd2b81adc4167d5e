from . import chain_run
