"""`python -m api` is the `khonggiay` command."""

from api.cli import main

main()
