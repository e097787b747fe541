"""The key of the seals on files (kernel/seals): made once for a server, shared by its processes."""

from typing import Final

from stonechat.kernel.seals import Seals
from stonechat.kernel.secrets import new_secret
from stonechat.storage import instance
from stonechat.storage.database import Database, Transaction

KEY_FACT: Final = "seal_key"


async def open_seals(database: Database) -> Seals:
    """The seals of the server that a database belongs to."""
    secret = new_secret()

    async def work(tx: Transaction) -> str:
        await instance.insert_fact(tx, KEY_FACT, secret)
        return await instance.find_fact(tx, KEY_FACT)

    return Seals((await database.write(work)).encode())
