"""`python -m burgh`: the command line."""

from burgh.scenarios.cli.main import main

if __name__ == "__main__":
    main()
