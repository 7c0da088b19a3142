"""DuckDB and the files it reads; opened only where figures are made."""
