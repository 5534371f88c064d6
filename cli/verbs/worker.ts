import { settingFlags } from "../../api/setting-docs.ts";
import { counted } from "../../engine/report/wording.ts";
import { EXIT } from "../terminal.ts";
import type { Verb } from "../verb.ts";

export const worker: Verb = {
  name: "worker",
  usage: "",
  arity: [0, 0],
  about: "Runs the jobs of servers that share a PostgreSQL database",
  details:
    "Needs CASEBOOK_DATABASE_URL and the object storage the servers use. It holds no state: any number may run, and any may be killed. SIGINT or SIGTERM stops it once its jobs have ended.",
  options: settingFlags("worker"),
  examples: ["casebook worker", "casebook worker --jobs 8 --s3-bucket casebook --metrics-port 9090"],
  async run(invocation, terminal) {
    const { serverSettings, starting } = await import("../server-settings.ts");
    const settings = serverSettings(invocation, terminal);
    const [{ startWorkerProcess }, { openLogger }, { untilToldToStop }] = await Promise.all([
      import("../../api/worker-process.ts"),
      import("../../api/logger.ts"),
      import("../until-told-to-stop.ts"),
    ]);
    const log = openLogger(settings, terminal.complain, terminal.interactive);
    const running = await starting(() => startWorkerProcess(settings, log));
    const watched = running.watch === null ? "" : ` ${running.watch}/health/ready and ${running.watch}/metrics say how it is.`;
    await terminal.write(`Casebook is ready to run ${counted(settings.jobsAtOnce, "job")} at once.${watched} Ctrl-C stops it.\n`);
    await untilToldToStop(terminal);
    log.info({}, "stopping: jobs that run may end");
    await running.stop();
    return EXIT.done;
  },
};
