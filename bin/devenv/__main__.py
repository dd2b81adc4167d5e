"""`python3 bin/devenv COMMAND`: what the Makefile runs."""

import sys

import launch

launch.main(sys.argv[1:])
