"""A private SLURM of one node on loopback: started by the tests, stopped by the pids it recorded.

With accounting it has a MariaDB of its own; most sites have accounting, some have none.
"""

import getpass
import os
import shutil
import signal
import socket
import subprocess
import time
from contextlib import suppress
from pathlib import Path

PROGRAMS = ("munged", "munge", "slurmctld", "slurmd", "sbatch", "squeue", "scancel", "scontrol", "sinfo")
ACCOUNTING_PROGRAMS = ("slurmdbd", "sacct", "sacctmgr", "mariadbd", "mariadb-admin", "mysql_install_db")
ENDED = ("COMPLETED", "FAILED", "CANCELLED", "TIMEOUT", "OUT_OF_MEMORY", "NODE_FAIL")
N_CPUS, N_GPUS, N_SHARDS, MAX_ARRAY_SIZE = 16, 2, 8, 61

# linuxproc and no task plugin: nothing is enforced, but the scheduling is real; config_overrides lets the
# node claim more cores than the machine has, so that arrays of sleeping tasks run side by side
SLURM_CONF = """
ClusterName=tests
SlurmctldHost={host}(127.0.0.1)
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
CredType=cred/munge
AuthInfo=socket={folder}/munge/socket
SlurmctldPort={ports[0]}
SlurmdPort={ports[1]}
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=pmi2
ReturnToService=2
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SlurmdParameters=config_overrides
SchedulerParameters=sched_interval=1,bf_interval=1,batch_sched_delay=0,sched_min_interval=50000,default_queue_depth=1000
{accounting}
MaxArraySize={max_array_size}
DefMemPerCPU=100
KillWait=2
GresTypes=gpu,shard
NodeName={host} NodeAddr=127.0.0.1 CPUs={n_cpus} Boards=1 SocketsPerBoard=1 CoresPerSocket={n_cpus} \
ThreadsPerCore=1 RealMemory=16000 Gres=gpu:{n_gpus},shard:{n_shards} State=UNKNOWN
PartitionName=main Nodes={host} Default=YES MaxTime=01:00:00 DefaultTime=00:05:00 State=UP
PartitionName=short Nodes={host} MaxTime=00:02:00 DefaultTime=00:01:00 State=UP
"""

NO_ACCOUNTING = "AccountingStorageType=accounting_storage/none"
# the client finds munge by AccountingStoragePass; enforced associations let unknown accounts be refused
ACCOUNTING = """
AccountingStorageType=accounting_storage/slurmdbd
AccountingStorageHost=127.0.0.1
AccountingStoragePort={port}
AccountingStorageUser={user}
AccountingStoragePass={folder}/munge/socket
AccountingStorageEnforce=associations,qos
"""
SLURMDBD_CONF = """
AuthType=auth/munge
AuthInfo=socket={folder}/munge/socket
DbdHost=localhost
DbdAddr=127.0.0.1
DbdPort={port}
SlurmUser={user}
LogFile={folder}/slurmdbd.log
PidFile={folder}/slurmdbd.pid
StorageType=accounting_storage/mysql
StorageUser={user}
StorageLoc=slurm_acct_db
"""


def missing_programs(programs=PROGRAMS):
    """Programs of SLURM and munge that are not installed; daemons lie outside of users' PATH."""
    path = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/sbin"))
    return [program for program in programs if shutil.which(program, path=path) is None]


class Cluster:
    """The cluster in a folder."""

    def __init__(self, folder, *, accounting=False):
        self.folder, self.accounting, self.database = Path(folder), accounting, None
        self.ports = _free_ports(3)
        self.conf = self.folder / "slurm.conf"
        self.environment = {
            **os.environ,
            "SLURM_CONF": str(self.conf),
            "PATH": os.pathsep.join((os.environ["PATH"], "/usr/sbin", "/sbin")),
        }

    def start(self):
        for name in ("munge", "state", "spool", "dev"):
            (self.folder / name).mkdir(mode=0o700 if name == "state" else 0o755)
        self.folder.chmod(0o755)
        # slurmd wants the file of a GPU to be a character device
        for number in range(N_GPUS):
            (self.folder / "dev" / f"nvidia{number}").symlink_to("/dev/null")
        host, user = socket.gethostname().split(".")[0], getpass.getuser()
        facts = {"folder": self.folder, "user": user, "port": self.ports[2]}
        self.conf.write_text(
            SLURM_CONF.format(
                **facts,
                host=host,
                ports=self.ports,
                n_cpus=N_CPUS,
                n_gpus=N_GPUS,
                n_shards=N_SHARDS,
                max_array_size=MAX_ARRAY_SIZE,
                accounting=ACCOUNTING.format(**facts) if self.accounting else NO_ACCOUNTING,
            )
        )
        files = f"{self.folder}/dev/nvidia[0-{N_GPUS - 1}]"
        (self.folder / "gres.conf").write_text(
            f"NodeName={host} Name=gpu File={files}\nNodeName={host} Name=shard Count={N_SHARDS}\n"
        )
        (self.folder / "cgroup.conf").write_text("CgroupAutomount=no\n")
        self._start_munge()
        if self.accounting:
            self._start_accounting(SLURMDBD_CONF.format(**facts), user)
        self.start_controller()
        self.call("slurmd", "-N", host)
        self.wait_until(
            lambda: self.call("sinfo", "-h", "-p", "main", "-o", "%t").strip() == "idle", "slurmd"
        )

    def _start_munge(self):
        munge = self.folder / "munge"
        key = munge / "key"
        key.write_bytes(os.urandom(1024))
        key.chmod(0o400)
        self.call(
            "munged", f"--key-file={key}", f"--socket={munge}/socket", f"--pid-file={munge}/munged.pid",
            f"--log-file={munge}/munged.log", f"--seed-file={munge}/munged.seed", "--num-threads=2",
        )  # fmt: skip
        self.wait_until(lambda: (munge / "socket").exists(), "munged")

    def _start_accounting(self, conf, user):
        data, database = self.folder / "data", self.folder / "db.socket"
        self.call(
            "mysql_install_db", "--no-defaults", f"--user={user}", f"--datadir={data}",
            "--auth-root-authentication-method=normal", "--skip-test-db",
        )  # fmt: skip
        self.database = subprocess.Popen(
            ["mariadbd", "--no-defaults", f"--user={user}", f"--datadir={data}", f"--socket={database}",
             f"--pid-file={self.folder}/mariadbd.pid", f"--log-error={self.folder}/mariadbd.log",
             "--skip-networking", "--innodb-buffer-pool-size=64M", "--innodb-lock-wait-timeout=900"],
            env=self.environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        admin = ("mariadb-admin", "--no-defaults", f"--socket={database}", "-u", "root", "ping")
        self.wait_until(lambda: self.call(*admin), "mariadbd")
        (self.folder / "slurmdbd.conf").write_text(conf)
        (self.folder / "slurmdbd.conf").chmod(0o600)
        # where the database's client library looks for the socket
        self.environment["MYSQL_UNIX_PORT"] = str(database)
        self.call("slurmdbd")
        self.wait_until(lambda: self.call("sacctmgr", "-n", "show", "cluster") is not None, "slurmdbd")
        self.call("sacctmgr", "-i", "add", "cluster", "tests")
        self.call("sacctmgr", "-i", "add", "account", "chemistry")
        self.call("sacctmgr", "-i", "add", "user", user, "account=chemistry")

    def start_controller(self):
        self.call("slurmctld")

    def stop_controller(self):
        """SLURM goes down; its jobs go on."""
        _end(self.folder / "slurmctld.pid", signal.SIGTERM)

    def stop(self):
        with suppress(AssertionError, subprocess.TimeoutExpired):
            self.call("scancel", "--user", getpass.getuser())
            self.wait_until(lambda: not self.call("squeue", "-h", "-t", "R,CG"), "the end of all jobs", 15)
        for pid_file in ("slurmd.pid", "slurmctld.pid", "slurmdbd.pid", "mariadbd.pid", "munge/munged.pid"):
            _end(self.folder / pid_file, signal.SIGTERM)
        if self.database is not None:
            self.database.wait(20)

    def call(self, *arguments):
        """Output of a program of SLURM, bounded in time."""
        done = subprocess.run(
            arguments, env=self.environment, capture_output=True, text=True, timeout=20, check=False
        )
        assert done.returncode == 0, f"{arguments}: {done.stderr}"
        return done.stdout

    def wait_until(self, condition, what, seconds=30):
        deadline = time.monotonic() + seconds
        while True:
            with suppress(AssertionError, subprocess.TimeoutExpired):
                if condition():
                    return
            assert time.monotonic() < deadline, f"waited {seconds} s for {what}; logs in {self.folder}"
            time.sleep(0.1)

    def wait_until_empty(self, seconds=60):
        """Wait for the end of all jobs; what requeued itself starts at once instead of in two minutes."""

        seen = {}

        def is_empty():
            lines = self.call("squeue", "-h", "-r", "-t", "all", "-o", "%F_%K|%r|%T").splitlines()
            open_lines = [line.split("|") for line in lines if not line.endswith(ENDED)]
            for job, reason, _ in open_lines:
                # not before the node has cleared away what the task left there
                if reason != "BeginTime":
                    seen.pop(job, None)
                elif time.monotonic() > seen.setdefault(job, time.monotonic()) + 2:
                    self.call("scontrol", "update", f"jobid={job.removesuffix('_N/A')}", "StartTime=now")
            return not open_lines

        self.wait_until(is_empty, "the end of all jobs", seconds)


def _free_ports(number):
    sockets = [socket.socket() for _ in range(number)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def _end(pid_file, how):
    """End the process that wrote the pid file, and wait until it has ended."""
    with suppress(OSError, ValueError):
        pid = int(pid_file.read_text())
        os.kill(pid, how)
        for _ in range(100):
            os.kill(pid, 0)
            time.sleep(0.1)
        os.kill(pid, signal.SIGKILL)
