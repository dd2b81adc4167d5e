"""Logs in through the login page, as a browser would: login.py URL LOGIN PASSWORD.

Uses nothing but the standard library, so that a fresh clone can be checked with the
machine's own Python.
"""

import http.cookiejar
import re
import sys
import urllib.parse
import urllib.request


def login(url, name, password):
    """The address that the server leads to after a login."""
    cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), cookies)
    with opener.open(f"{url}/web/login", timeout=120) as answer:
        page = answer.read().decode()
    token = re.search(r'name="csrf_token"\s+value="([^"]+)"', page)[1]
    form = {"csrf_token": token, "login": name, "password": password}
    data = urllib.parse.urlencode(form).encode()
    with opener.open(f"{url}/web/login", data=data, timeout=300) as answer:
        return answer.geturl()


if __name__ == "__main__":
    where = login(*sys.argv[1:])
    if "/web/login" in where:
        sys.exit("The login was refused.")
    print(f"logged in: {where}")
