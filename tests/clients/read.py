"""Reads what a preset gives with a client's own parser: `read.py READER`, a JSON line for each credential.

A line has `data`, the keys and values of the outputs, and `fields`, what the credential was made of: a client that looks
something up takes from it what it looks for. The answer is a JSON line of what the client found. Exit code 77 says that the
client is not here.
"""

import ctypes
import ctypes.util
import io
import json
import os
import re
import subprocess
import sys
import tempfile

READERS = {}


class NotHere(Exception):
    """The client is not on this machine."""


def reader(function):
    READERS[function.__name__] = function
    return function


def version(package):
    from importlib.metadata import version

    return version(package)


def program(*command):
    """Returns the first line that a program prints of its version."""
    try:
        done = subprocess.run(command, capture_output=True, text=True)
    except OSError as error:
        raise NotHere(command[0]) from error
    return (done.stdout or done.stderr).splitlines()[0]


FILE = tempfile.NamedTemporaryFile(prefix="clients-")  # noqa: SIM115: it lives as long as the process; mode 0600


def write(text):
    """Writes a text to a file and returns its path."""
    with open(FILE.name, "wb") as file:
        file.write(text.encode())
    return FILE.name


def printed(command, given=None, env=None):
    """Returns what a program prints."""
    done = subprocess.run(command, input=given, env=env, capture_output=True)
    if done.returncode != 0:
        raise ValueError(f"exit code {done.returncode}: {done.stderr.decode(errors='replace')}")
    return done.stdout.decode()


# libpq


class Option(ctypes.Structure):
    _fields_ = [(name, ctypes.c_char_p) for name in ("keyword", "envvar", "compiled", "val", "label", "dispchar")]
    _fields_ += [("dispsize", ctypes.c_int)]


def libpq():
    for name in (ctypes.util.find_library("pq"), "libpq.so.5"):
        try:
            library = ctypes.CDLL(name) if name else None
        except OSError:
            library = None
        if library:
            library.PQconninfoParse.restype = library.PQconndefaults.restype = ctypes.POINTER(Option)
            library.PQconninfoFree.argtypes = [ctypes.POINTER(Option)]
            library.PQconnectStartParams.restype = ctypes.c_void_p
            library.PQpass.argtypes = library.PQfinish.argtypes = [ctypes.c_void_p]
            library.PQpass.restype = ctypes.c_char_p
            return library, f"libpq {library.PQlibVersion() // 10000}"
    raise NotHere("libpq")


def options(library, found, names):
    """Returns the options of libpq that are set, by the names of our fields."""
    out, index = {}, 0
    while found[index].keyword is not None:
        option = found[index]
        name = names.get(option.keyword.decode())
        if name and option.val is not None:
            out[name] = option.val.decode()
        index += 1
    library.PQconninfoFree(found)
    return out


PG = {"host": "host", "port": "port", "dbname": "database", "user": "username", "password": "password"}
PG_TLS = {"sslmode": "sslmode", "sslrootcert": "sslrootcert"}


@reader
def libpq_url():
    library, name = libpq()

    def read(data, fields):
        error = ctypes.c_char_p()
        found = library.PQconninfoParse(data["DATABASE_URL"].encode(), ctypes.byref(error))
        if not found:
            raise ValueError((error.value or b"refused").decode())
        return options(library, found, PG | PG_TLS)

    return name, read


@reader
def libpq_environment():
    library, name = libpq()

    def read(data, fields):
        os.environ.update(data)
        try:
            return options(library, library.PQconndefaults(), PG | PG_TLS)
        finally:
            for key in data:
                del os.environ[key]

    return name, read


@reader
def libpq_passfile():
    library, name = libpq()

    def read(data, fields):
        # An option that no libpq knows, and which it looks at after the password: no connection is tried.
        asked = {"host": fields["host"], "port": fields["port"], "dbname": fields["database"], "user": fields["username"]}
        asked |= {"passfile": write(data[".pgpass"]), "channel_binding": "no such"}
        keys = (ctypes.c_char_p * (len(asked) + 1))(*[key.encode() for key in asked], None)
        values = (ctypes.c_char_p * (len(asked) + 1))(*[value.encode() for value in asked.values()], None)
        connection = library.PQconnectStartParams(keys, values, 0)
        try:
            found = library.PQpass(connection)
            return {"password": found.decode() if found else None}
        finally:
            library.PQfinish(connection)

    return name, read


# URLs


@reader
def sqlalchemy():
    from sqlalchemy.engine import make_url

    def read(data, fields):
        url = make_url(data["DATABASE_URL"])
        return {
            "host": url.host,
            "port": str(url.port),
            "database": url.database,
            "username": url.username,
            "password": url.password,
        }

    return f"SQLAlchemy {version('sqlalchemy')}", read


@reader
def dj_database_url():
    import dj_database_url as client

    def read(data, fields):
        url = client.parse(data["DATABASE_URL"])
        return {
            "host": url["HOST"],
            "port": str(url["PORT"]),
            "database": url["NAME"],
            "username": url["USER"],
            "password": url["PASSWORD"],
        }

    return f"dj-database-url {version('dj-database-url')}", read


@reader
def redis_py():
    from redis.connection import SSLConnection, parse_url

    def read(data, fields):
        url = parse_url(data["REDIS_URL"])
        return {
            "host": url["host"],
            "port": str(url["port"]),
            "database": str(url["db"]) if "db" in url else None,
            "username": url["username"],
            "password": url["password"],
            "tls": str(url.get("connection_class") is SSLConnection),
        }

    return f"redis {version('redis')}", read


@reader
def pika():
    import pika as client

    def read(data, fields):
        url = client.URLParameters(data["AMQP_URL"])
        return {
            "host": url.host,
            "port": str(url.port),
            "database": url.virtual_host,
            "username": url.credentials.username,
            "password": url.credentials.password,
        }

    return f"pika {version('pika')}", read


@reader
def kombu():
    from kombu import Connection

    def read(data, fields):
        url = Connection(data["AMQP_URL"])
        return {
            "host": url.hostname,
            "port": str(url.port),
            "database": url.virtual_host,
            "username": url.userid,
            "password": url.password,
        }

    return f"kombu {version('kombu')}", read


@reader
def pymongo():
    from pymongo.uri_parser import parse_uri

    def read(data, fields):
        url = parse_uri(data["MONGODB_URI"], validate=True)
        [(host, port)] = url["nodelist"]
        return {
            "host": host,
            "port": str(port),
            "database": url["database"] if url["collection"] is None else f"{url['database']} and a collection",
            "username": url["username"],
            "password": url["password"],
            "auth-source": url["options"].get("authSource"),
        }

    return f"pymongo {version('pymongo')}", read


@reader
def dj_email_url():
    import dj_email_url as client

    def read(data, fields):
        url = client.parse(data["SMTP_URL"])
        return {
            "host": url["EMAIL_HOST"],
            "port": str(url["EMAIL_PORT"]),
            "username": url["EMAIL_HOST_USER"],
            "password": url["EMAIL_HOST_PASSWORD"],
            "tls": str(url["EMAIL_USE_SSL"]),
        }

    return f"dj-email-url {version('dj-email-url')}", read


# Files


@reader
def my_print_defaults():
    name = program("my_print_defaults", "--version")

    def read(data, fields):
        text = printed(["my_print_defaults", f"--defaults-file={write(data['.my.cnf'])}", "client", "mysql"])
        parts = re.split(r"^--(host|port|user|password|database)=", text, flags=re.MULTILINE)
        found = dict(zip(parts[1::2], (part.removesuffix("\n") for part in parts[2::2]), strict=True))
        found["username"] = found.pop("user")
        return found

    return name, read


@reader
def netrc():
    from netrc import netrc as client

    def read(data, fields):
        user, _, password = client(write(data[".netrc"])).authenticators(fields["host"])
        return {"username": user, "password": password}

    return f"Python's netrc {sys.version.split()[0]}", read


@reader
def git():
    name = program("git", "--version")

    def read(data, fields):
        asked = f"protocol=https\nhost={fields['host']}:{fields['port']}\n\n"
        text = printed(["git", "credential-store", "--file", write(data[".git-credentials"]), "get"], asked.encode())
        return dict(line.split("=", 1) for line in text.split("\n") if line)

    return name, read


@reader
def docker():
    from docker import auth

    def read(data, fields):
        config = auth.load_config(write(data[".dockerconfigjson"]))
        found = auth.resolve_authconfig(config, f"{fields['host']}:{fields['port']}")
        return {"username": found["username"], "password": found["password"]}

    return f"docker {version('docker')}", read


@reader
def botocore_file():
    from botocore.credentials import SharedCredentialProvider

    def read(data, fields):
        found = SharedCredentialProvider(write(data["credentials"]), "default").load()
        return {
            "access-key-id": found.access_key,
            "secret-access-key": found.secret_key,
            "session-token": found.token,
        }

    return f"botocore {version('botocore')}", read


@reader
def botocore_environment():
    from botocore.credentials import EnvProvider

    def read(data, fields):
        found = EnvProvider(environ=data).load()
        return {
            "access-key-id": found.access_key,
            "secret-access-key": found.secret_key,
            "session-token": found.token,
        }

    return f"botocore {version('botocore')}", read


@reader
def openai():
    from openai import OpenAI

    def read(data, fields):
        os.environ.update(data)
        try:
            client = OpenAI()
            return {"api-key": client.api_key, "organization": client.organization, "project": client.project}
        finally:
            for key in data:
                del os.environ[key]

    return f"openai {version('openai')}", read


@reader
def google():
    from google.oauth2.service_account import Credentials

    def read(data, fields):
        found = Credentials.from_service_account_file(write(data["credentials.json"]))
        return {
            "username": found.service_account_email,
            "project-id": found.project_id,
            "key-id": found.signer.key_id,
        }

    return f"google-auth {version('google-auth')}", read


# Shells


DOTENV = {"USERNAME": "username", "PASSWORD": "password", "DATABASE": "database"}


@reader
def python_dotenv():
    from dotenv import dotenv_values

    def read(data, fields):
        found = dotenv_values(stream=io.StringIO(data[".env"]))
        return {field: found[key] for key, field in DOTENV.items()}

    return f"python-dotenv {version('python-dotenv')}", read


def shown(keys):
    """Returns a script that prints variables, each with a NUL behind it."""
    return "printf '%s\\0' " + " ".join(f'"${key}"' for key in keys)


@reader
def sh_dotenv():
    def read(data, fields):
        found = printed(["sh", "-c", f'. "$0"; {shown(DOTENV)}', write(data[".env"])])
        return dict(zip(DOTENV.values(), found.split("\0"), strict=False))

    return f"sh ({os.path.basename(os.path.realpath('/bin/sh'))})", read


@reader
def sh_environment():
    def read(data, fields):
        for key in data:
            if not re.fullmatch("[A-Za-z_][A-Za-z0-9_]*", key):
                raise ValueError(f"{key} is no name of a variable")
        path = {"PATH": os.environ["PATH"]}
        found = dict(zip(data, printed(["sh", "-c", shown(data)], env=path | data).split("\0"), strict=False))
        return {"same": str(found == data)}

    return f"sh ({os.path.basename(os.path.realpath('/bin/sh'))})", read


def main():
    try:
        name, read = READERS[sys.argv[1]]()
    except (ImportError, NotHere) as missing:
        print(missing, file=sys.stderr)
        sys.exit(77)
    print(json.dumps(name))
    for line in sys.stdin:
        given = json.loads(line)
        try:
            found = read(given["data"], given["fields"])
        except Exception as error:  # noqa: BLE001: whatever a client says of a value
            found = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(found))


main()
