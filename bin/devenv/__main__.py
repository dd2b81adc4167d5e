"""`python3 bin/devenv COMMAND`: what the Makefile runs. See README.md for the commands."""

import sys

import launch

launch.main(sys.argv[1:])
