"""`python -m otklik`: the command line."""

from otklik.cli.main import main

main()
