"""A server of moto that checks signatures, until its standard input ends.

Prints one line of JSON: the port, the key of a user who may do everything, and of a session of a role.
"""

import json
import sys
import urllib.request

import boto3
from moto.server import ThreadedMotoServer

REGION = "us-east-1"

server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
_, port = server.get_host_and_port()
url = f"http://127.0.0.1:{port}"


def client(service):
    return boto3.client(
        service, endpoint_url=url, region_name=REGION, aws_access_key_id="setup", aws_secret_access_key="setup"
    )


allow = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
)
iam = client("iam")
iam.create_user(UserName="robot")
iam.put_user_policy(UserName="robot", PolicyName="all", PolicyDocument=allow)
key = iam.create_access_key(UserName="robot")["AccessKey"]
user = iam.get_user(UserName="robot")["User"]["Arn"]
trust = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"AWS": user}, "Action": "sts:AssumeRole"}],
    }
)
role = iam.create_role(RoleName="role", AssumeRolePolicyDocument=trust)["Role"]
iam.put_role_policy(RoleName="role", PolicyName="all", PolicyDocument=allow)
session = client("sts").assume_role(RoleArn=role["Arn"], RoleSessionName="robot")["Credentials"]
# From here on, each request is checked.
reset = urllib.request.Request(f"{url}/moto-api/reset-auth", b"0", {"content-type": "text/plain"})
urllib.request.urlopen(reset).close()
ready = {
    "port": port,
    "user": [key["AccessKeyId"], key["SecretAccessKey"], None],
    "role": [session["AccessKeyId"], session["SecretAccessKey"], session["SessionToken"]],
    "arn": role["Arn"],
}
print(json.dumps(ready), flush=True)
sys.stdin.read()
server.stop()
