"""A load balancer in front of several servers: each request to the next one."""

import http.client
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PATIENCE = 600


class Balancer:
    """Listens on a free loopback port; `ports` are those of the servers behind it."""

    def __init__(self, ports=()):
        self._ports = list(ports)
        self._lock = threading.Lock()
        self._front = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self._front.daemon_threads = True
        self._front.balancer = self
        self.port = self._front.server_port

    def start(self):
        threading.Thread(target=self._front.serve_forever, daemon=True).start()
        return self

    def stop(self):
        self._front.shutdown()
        self._front.server_close()

    def add(self, port):
        with self._lock:
            self._ports.append(port)

    def forward(self, path, headers):
        """The status of the next server that is there, and its answer."""
        for port in self._turn():
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
            try:
                connection.connect()
            except OSError:
                continue  # it is down: the next one takes its turn
            try:
                connection.request("GET", path, headers=headers)
                answer = connection.getresponse()
                return answer.status, answer.read()
            except (OSError, http.client.HTTPException):
                return 502, b""  # it went down at work, which may have begun
            finally:
                connection.close()
        return 503, b""

    def _turn(self):
        with self._lock:
            self._ports.append(self._ports.pop(0))
            return list(self._ports)


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        headers = {**self.headers, "Connection": "close"}
        status, body = self.server.balancer.forward(self.path, headers)
        try:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except OSError:
            pass  # the client did not wait for the answer

    def log_message(self, *_arguments):
        pass
