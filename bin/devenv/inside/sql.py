"""Runs SQL with the environment's own driver: not every machine has psql.

Reads {"dsn": {...}, "statement": "...", "parameters": [...]} on standard input and
prints the rows as JSON.
"""

import json
import sys

import psycopg2


def main():
    request = json.load(sys.stdin)
    connection = psycopg2.connect(**request["dsn"])
    connection.autocommit = True  # CREATE DATABASE refuses a transaction
    cursor = connection.cursor()
    cursor.execute(request["statement"], request["parameters"] or None)
    rows = cursor.fetchall() if cursor.description else []
    print(json.dumps(rows, default=str))


if __name__ == "__main__":
    try:
        main()
    except psycopg2.Error as error:
        sys.exit(str(error).strip())
