"""The environment of a child of `marinelayer run`."""

from __future__ import annotations

from marinelayer.serving.child import child_environment

GIVEN = {
    "proxy_url": "http://marinelayer:t@127.0.0.1:1",
    "ca_bundle": "/data/ca/bundle.pem",
    "key_id": "AKIDEXAMPLE",
    "secret": "wJalr",
    "region": "us-east-1",
}


def test_the_proxy_the_bundle_and_the_key_are_set_and_the_rest_stays() -> None:
    environment = child_environment({"PATH": "/bin", "http_proxy": "http://corporate:3128", "NO_PROXY": "*"}, **GIVEN)
    assert environment == {
        "PATH": "/bin",
        **dict.fromkeys(["HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"], GIVEN["proxy_url"]),
        **dict.fromkeys(["NO_PROXY", "no_proxy"], "localhost,127.0.0.1,::1"),
        **dict.fromkeys(
            ["AWS_CA_BUNDLE", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"],
            GIVEN["ca_bundle"],
        ),
        "NODE_USE_ENV_PROXY": "1",
        "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "wJalr",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_REGION": "us-east-1",
        "AWS_CONFIG_FILE": "/dev/null",
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def test_nothing_of_another_aws_remains() -> None:
    base = dict.fromkeys(
        (
            "AWS_SESSION_TOKEN",
            "AWS_SECURITY_TOKEN",
            "AWS_PROFILE",
            "AWS_DEFAULT_PROFILE",
            "AWS_ENDPOINT_URL",
            "AWS_ENDPOINT_URL_S3",
            "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
            "AWS_USE_FIPS_ENDPOINT",
            "AWS_USE_DUALSTACK_ENDPOINT",
            "AWS_ROLE_ARN",
            "AWS_WEB_IDENTITY_TOKEN_FILE",
            "AWS_CONTAINER_CREDENTIALS_FULL_URI",
            "AWS_REGION",
            "AWS_CONFIG_FILE",
            "AWS_ACCESS_KEY_ID",
            "ALL_PROXY",
            "all_proxy",
            "SSL_CERT_DIR",
        ),
        "mine",
    )
    assert "mine" not in child_environment(base, **GIVEN).values()
