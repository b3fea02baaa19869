"""The command line `tochimado`. Library code raises; only `main` turns errors into exit codes."""

from __future__ import annotations

import sys

import click

from bot.cli import ask, check, data, disaster, measure, places, serve, staff
from bot.logs import configure_logs
from bot.settings import SettingsError
from knowledge.problems import KnowledgeError


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="tochimado")
def cli() -> None:
    """とちまど: 栃木県の行政サービスを案内するチャットボット。"""
    configure_logs("ERROR")  # to stderr; commands that serve set their own level


for command in (
    serve.serve, serve.worker, serve.migrate,
    ask.ask, ask.chat,
    check.check, check.schema, check.settings_, check.evaluate,
    measure.test, measure.compare,
    places.import_, *staff.COMMANDS,
    data.purge, data.switch, data.dead, data.stats, data.telegram,
    *disaster.COMMANDS,
):  # fmt: skip
    cli.add_command(command)


def main() -> None:
    """Run the command line; say known errors in plain lines, without a traceback."""
    try:
        cli(standalone_mode=False)
    except click.exceptions.Exit as done:
        sys.exit(done.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
    except SettingsError as error:
        for problem in error.problems:
            click.echo(f"tochimado: {problem}", err=True)
        sys.exit(2)
    except KnowledgeError as error:
        for found in error.problems:
            click.echo(str(found), err=True)
        click.echo(
            "tochimado: 知識に誤りがあります。上の行を直してください（tochimado check で確かめられます）。",
            err=True,
        )
        sys.exit(1)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(141)
