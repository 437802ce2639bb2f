"""A mail server for tests: takes letters by SMTP, and lets them wait when it is told to."""

import email
import email.policy
import queue
import socketserver
import threading


class MailServer(socketserver.ThreadingTCPServer):
    """`letters` is a queue of what came; while `open` is not set, no letter is taken."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Conversation)
        self.letters, self.open, self.met = queue.Queue(), threading.Event(), threading.Event()
        self.url = f"smtp://127.0.0.1:{self.server_address[1]}"


class Conversation(socketserver.StreamRequestHandler):
    def say(self, line):
        self.wfile.write(f"{line}\r\n".encode())

    def handle(self):
        self.say("220 prov")
        for line in self.rfile:
            match line[:4].upper():
                case b"DATA":
                    self.take()
                case b"QUIT":
                    return self.say("221 hej")
                case _:
                    self.say("250 ok")
        return None

    def take(self):
        self.say("354 skriv")
        lines = list(iter(self.rfile.readline, b".\r\n"))
        self.server.met.set()
        self.server.open.wait()
        self.server.letters.put(
            email.message_from_bytes(b"".join(lines), policy=email.policy.default)
        )
        self.say("250 taget")
