"""Starts Jupyter kernels in a sandbox, by the way that jupyter_client keeps open for such things.

A kernel manager asks a provisioner for a kernel. Ours hands out one that has been started already,
so that it can get ready while the grader is still importing, or starts one itself.
"""

import asyncio
import signal
from importlib.metadata import EntryPoint

from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import KernelManager
from jupyter_client.provisioning import KernelProvisionerBase, KernelProvisionerFactory

NAME = "coursekit-sandbox"


class Specifications(KernelSpecManager):
    """The one kernel that there is, and who starts it."""

    def get_kernel_spec(self, kernel_name):
        metadata = {"kernel_provisioner": {"provisioner_name": NAME}}
        return KernelSpec(display_name="Checks", language="json", metadata=metadata)


class Manager(KernelManager):
    """A kernel manager that gets its kernels from `start_sandbox`, a function without arguments."""

    def __init__(self, start_sandbox, **options):
        # An installed package would make its provisioners known by an entry point.
        value = f"{__name__}:{SandboxProvisioner.__name__}"
        entry = EntryPoint(NAME, value, KernelProvisionerFactory.GROUP_NAME)
        KernelProvisionerFactory.provisioners[NAME] = entry
        super().__init__(kernel_name=NAME, kernel_spec_manager=Specifications(), **options)
        self.start_sandbox = start_sandbox


class SandboxProvisioner(KernelProvisionerBase):
    """One kernel in a sandbox."""

    sandbox = None

    @property
    def has_process(self):
        return self.sandbox is not None

    async def pre_launch(self, **kwargs):
        self.sandbox = self.parent.start_sandbox()
        self.parent.connection_file = f"{self.sandbox.folder}/connection.json"
        self.parent.load_connection_info(self.sandbox.connection)
        self.connection_info = self.parent.get_connection_info()
        kwargs.pop("extra_arguments", None)
        return await super().pre_launch(cmd=[], **kwargs)

    async def launch_kernel(self, cmd, **kwargs):
        return self.connection_info

    async def poll(self):
        return self.sandbox.process.poll() if self.sandbox else 0

    async def wait(self):
        while await self.poll() is None:
            await asyncio.sleep(0.02)
        code, self.sandbox = await self.poll(), None
        return code

    async def send_signal(self, signum):
        # Nothing in there is asked to stop: what does not come to its end is ended.
        if signum != 0:
            await self.kill()

    async def kill(self, restart=False):
        if self.sandbox:
            self.sandbox.process.send_signal(signal.SIGKILL)

    async def terminate(self, restart=False):
        await self.kill(restart)

    async def cleanup(self, restart=False):
        if self.sandbox:
            self.sandbox.close()
            self.sandbox = None
