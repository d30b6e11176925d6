"""What carries the requests of an SDK: nowhere, to be looked at, or to the double, as if it were the provider."""

import httpx2


class Caught(BaseException):
    """A request that an SDK would have sent; no exception that it would try again after."""


class Catcher:
    """Sends nothing."""

    def http(self):
        return httpx2.Client(transport=httpx2.MockTransport(self.catch))

    def amazon(self, client):
        client.meta.events.register("before-send", self.catch)
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
        return httpx2.Client(transport=Transport(self))

    def amazon(self, client):
        client.meta.events.register("before-send", self.redirect)
        if self.spoil_reply:
            client.meta.events.register("before-parse", self.spoil)
        return client

    def spoil(self, response_dict, **_):
        if self.sent == 1:
            response_dict["body"] = self.spoil_reply(response_dict["body"])

    def redirect(self, request, **_):
        """Leaves the request to botocore's own connection, with the provider's name in `Host`."""
        self.sent += 1
        scheme, _, host, path = request.url.split("/", 3)
        request.headers["Host"] = host
        request.url = f"http://127.0.0.1:{self.port}/{path}"
        if self.spoil_request:
            request.body = self.spoil_request(request.body)
            request.headers["Content-Length"] = str(len(request.body))


class Transport(httpx2.HTTPTransport):
    def __init__(self, carrier):
        super().__init__()
        self.carrier = carrier

    def handle_request(self, request):
        self.carrier.sent += 1
        request.url = request.url.copy_with(scheme="http", host="127.0.0.1", port=self.carrier.port)
        if self.carrier.spoil_request:
            body = self.carrier.spoil_request(request.read())
            headers = {**request.headers, "content-length": str(len(body))}
            request = httpx2.Request(request.method, request.url, headers=headers, content=body)
        reply = super().handle_request(request)
        if self.carrier.spoil_reply and self.carrier.sent == 1:
            body = self.carrier.spoil_reply(reply.read())
            headers = {"content-type": reply.headers["content-type"]}
            return httpx2.Response(reply.status_code, headers=headers, content=body, request=request)
        return reply
