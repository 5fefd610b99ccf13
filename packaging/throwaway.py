"""Repositories that are thrown away, for trying hooks, the action and CI templates in."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

BUCKET = """\
Resources:
  {name}:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: {bucket}
"""
POLICY = """\
Resources:
  {name}Policy:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: {bucket}
      PolicyDocument:
        Statement:
          - Effect: {effect}
            Principal: "*"
            Action: s3:*
            Resource: ["arn:aws:s3:::{bucket}", "arn:aws:s3:::{bucket}/*"]
            Condition: {{Bool: {{aws:SecureTransport: "false"}}}}
"""


class Scratch:
    """A folder that goes with the program, and an environment without this user's settings."""

    def __init__(self, **extra):
        self.folder = Path(tempfile.mkdtemp())
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("GIT_", "PRE_COMMIT"))}
        config = self.folder / "gitconfig"
        config.write_text("[user]\nname = nobody\nemail = nobody@example.com\n")
        self.environment = kept | {
            "GIT_CONFIG_GLOBAL": str(config),
            "GIT_CONFIG_NOSYSTEM": "1",
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "NO_COLOR": "1",
        }
        self.environment |= {key: value.format(scratch=self.folder) for key, value in extra.items()}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        subprocess.run(["chmod", "-R", "u+w", str(self.folder)], check=False)
        subprocess.run(["rm", "-rf", str(self.folder)], check=False)

    def run(self, folder, *command, status=0, **extra):
        """What a command prints; it must end with this status."""
        done = subprocess.run(
            command,
            cwd=folder,
            env=self.environment | extra,
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        if done.returncode != status:
            sys.exit(f"{' '.join(command)}: status {done.returncode}, not {status}\n{done.stdout}")
        return done.stdout

    def repository(self, name):
        """An empty repository."""
        folder = self.folder / name
        folder.mkdir(exist_ok=True)
        self.run(folder, "git", "init", "-q", "-b", "main")
        return folder

    def commit(self, folder):
        """Commits what stands in the folder; the name of the commit."""
        self.run(folder, "git", "add", "-A")
        self.run(folder, "git", "commit", "-q", "--no-verify", "-m", "change")
        return self.run(folder, "git", "rev-parse", "HEAD").strip()


def block(page, name):
    """The block of a page that is marked for a script."""
    root = Path(__file__).parent.parent
    return subprocess.check_output([sys.executable, str(root / "packaging/blocks.py"), page, name], cwd=root, text=True)


def shows(output, *expected):
    """Each text stands in the output."""
    for text in expected:
        if text not in output:
            sys.exit(f"`{text}` is missing in\n{output}")


def hides(output, *unexpected):
    """No text stands in the output."""
    for text in unexpected:
        if text in output:
            sys.exit(f"`{text}` is not expected in\n{output}")
