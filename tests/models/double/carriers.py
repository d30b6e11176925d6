"""What carries the requests of an SDK: nowhere, to be looked at, or to the double, as if it were the provider."""

import io

import httpx
import httpx2
from oci._vendor.requests.adapters import HTTPAdapter


class Caught(BaseException):
    """A request that an SDK would have sent; no exception that it would try again after."""


class Catcher:
    """Sends nothing."""

    def http(self):
        return httpx2.Client(transport=httpx2.MockTransport(self.catch))

    def cohere(self, client):
        replaced(client, httpx.MockTransport(self.catch))
        return client

    def amazon(self, client):
        client.meta.events.register("before-send", self.catch)
        return client

    def oracle(self, client):
        client.base_client.session.mount("https://", Sender(self.catch))
        return client

    def catch(self, request, **_):
        headers = {name.lower(): value for name, value in request.headers.items()}
        raise Caught(request.method, str(request.url), headers)


class Carrier:
    """Sends everything to the double, and counts it. The first reply may be spoilt, and every request."""

    def __init__(self, port, spoil_request=None, spoil_reply=None):
        self.port = port
        self.sent = 0
        self.spoil_request, self.spoil_reply = spoil_request, spoil_reply

    def http(self):
        return httpx2.Client(transport=transport(httpx2, self))

    def cohere(self, client):
        replaced(client, transport(httpx, self))
        return client

    def oracle(self, client):
        client.base_client.session.mount("https://", Sender(self.redirect, self.spoilt))
        return client

    def amazon(self, client):
        client.meta.events.register("before-send", self.redirect)
        if self.spoil_reply:
            client.meta.events.register("before-parse", self.spoil)
        return client

    def spoil(self, response_dict, **_):
        """InvokeModel leaves its body to be read by whoever asked."""
        body = response_dict["body"]
        streams = hasattr(body, "read")
        body = self.spoilt(body.read() if streams else body)
        response_dict["body"] = io.BytesIO(body) if streams else body

    def spoilt(self, body):
        return self.spoil_reply(body) if self.spoil_reply and self.sent == 1 else body

    def redirect(self, request, **_):
        """Leaves the request to the SDK's own connection, with the provider's name in `Host`."""
        self.sent += 1
        scheme, _, host, path = request.url.split("/", 3)
        request.headers["Host"] = host
        request.url = f"http://127.0.0.1:{self.port}/{path}"
        if self.spoil_request:
            request.body = self.spoil_request(request.body)
            request.headers["Content-Length"] = str(len(request.body))


class Sender(HTTPAdapter):
    """Carries what Oracle's SDK sends."""

    def __init__(self, redirect, spoilt=None):
        super().__init__()
        self.redirect, self.spoilt = redirect, spoilt

    def send(self, request, **more):
        self.redirect(request)
        reply = super().send(request, **more)
        reply._content = self.spoilt(reply.content)
        return reply


def transport(kind, carrier):
    """Carries what is sent by `httpx`, or by what followed it."""

    class Transport(kind.HTTPTransport):
        def handle_request(self, request):
            carrier.sent += 1
            request.url = request.url.copy_with(scheme="http", host="127.0.0.1", port=carrier.port)
            if carrier.spoil_request:
                body = carrier.spoil_request(request.read())
                headers = {**request.headers, "content-length": str(len(body))}
                spoilt = kind.Request(request.method, request.url, headers=headers, content=body)
                spoilt.extensions |= request.extensions
                request = spoilt
            reply = super().handle_request(request)
            if carrier.spoil_reply and carrier.sent == 1:
                headers = {name: value for name, value in reply.headers.items() if name != "content-length"}
                body = carrier.spoil_reply(reply.read())
                return kind.Response(reply.status_code, headers=headers, content=body, request=request)
            return reply

    return Transport()


def replaced(client, transport):
    """Cohere's SDK makes its connection itself."""
    connection = client._client_wrapper.httpx_client.httpx_client
    connection._transport, connection._mounts = transport, {}
