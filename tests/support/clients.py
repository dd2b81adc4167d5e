"""The two remote APIs of Odoo, as a program of someone else would call them."""

import json
import urllib.error
import urllib.request
import xmlrpc.client


class Refused(Exception):
    """The server answered with an error: its status, exception name and message."""

    def __init__(self, status, name, message):
        super().__init__(f"{status} {name}: {message}")
        self.status = status
        self.name = name
        self.message = message


class Json2:
    """POST /json/2/<model>/<method> with an API key and named arguments."""

    def __init__(self, url, database, key):
        self.url = url
        self.headers = {
            "Authorization": f"bearer {key}",
            "Content-Type": "application/json; charset=utf-8",
            "X-Odoo-Database": database,
        }

    def call(self, model, method, ids=(), **arguments):
        """Call a method; give `ids` for one that works on records."""
        if ids:
            arguments["ids"] = list(ids)
        request = urllib.request.Request(
            f"{self.url}/json/2/{model}/{method}",
            data=json.dumps(arguments).encode(),
            headers=self.headers,
        )
        try:
            with direct.open(request, timeout=300) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise _refusal(error) from None


def _refusal(error):
    text = error.read().decode("utf-8", "replace")
    try:
        said = json.loads(text)
        return Refused(error.code, said["name"], said["message"])
    except (ValueError, KeyError, TypeError):
        return Refused(error.code, "", text[:500])


class XmlRpc:
    """The older API, still what most programs use: login and password."""

    def __init__(self, url, database, login, password):
        self.database = database
        self.password = password
        common = xmlrpc.client.ServerProxy(f"{url}/xmlrpc/2/common")
        self.uid = common.authenticate(database, login, password, {})
        if not self.uid:
            raise Refused(401, "AccessDenied", f"{login} may not log in")
        self.models = xmlrpc.client.ServerProxy(
            f"{url}/xmlrpc/2/object", allow_none=True
        )

    def call(self, model, method, *arguments, **named):
        try:
            return self.models.execute_kw(
                self.database, self.uid, self.password, model, method, arguments, named
            )
        except xmlrpc.client.Fault as fault:
            raise Refused(fault.faultCode, "Fault", fault.faultString) from None


# A proxy that is set for the world outside is no way to this machine.
direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
