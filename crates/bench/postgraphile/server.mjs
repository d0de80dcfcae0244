// PostGraphile on the register's own tables, one process a core, on one port.
import cluster from "node:cluster";
import { createServer } from "node:http";
import { availableParallelism } from "node:os";
import { postgraphile } from "postgraphile";
import { grafserv } from "postgraphile/grafserv/node";
import { PostGraphileAmberPreset } from "postgraphile/presets/amber";
import { makePgService } from "postgraphile/adaptors/pg";

const [url, port] = process.argv.slice(2);
if (cluster.isPrimary) {
  let ready = 0;
  const processes = availableParallelism();
  for (let i = 0; i < processes; i++) cluster.fork();
  cluster.on("listening", () => {
    if (++ready === processes) console.log("ready");
  });
} else {
  const preset = {
    extends: [PostGraphileAmberPreset],
    // Lists are asked for by columns whose indexes hold a part of the table.
    disablePlugins: ["PgIndexBehaviorsPlugin"],
    grafserv: { graphiql: false, watch: false },
    grafast: { explain: false },
    pgServices: [makePgService({ connectionString: url, schemas: ["public"] })],
  };
  // Connections are kept from one round to the next: one that it ended while it was asked would end the benchmark.
  const server = createServer({ keepAliveTimeout: 0 });
  const serv = postgraphile(preset).createServ(grafserv);
  await serv.addTo(server);
  server.listen(Number(port), "127.0.0.1");
}
