#include "e2e/toy_bench.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/file.h"

namespace poolbench::e2e {
namespace {

// In this template and the next, @name@ is filled in: braces have a meaning of their own in TOML.
constexpr const char* kTarget = R"(
schema = 2
name = "toy"
default_endpoint = "page"
@inherit@

[params.fault]
type = "string"
default = "none"
argument = ["--fault", "{value}"]

[params.boot_delay_ms]
type = "integer"
default = 0
argument = ["--boot-delay-ms", "{value}"]

[params.stop_delay_ms]
type = "integer"
default = 0
argument = ["--stop-delay-ms", "{value}"]

[params.answer_delay_ms]           # of every answer after the first quick_answers; not 0, since
type = "integer"                   # the generator would be the limit then
default = 2
argument = ["--answer-delay-ms", "{value}"]

[params.quick_answers]
type = "integer"
default = 0
argument = ["--quick-answers", "{value}"]

[params.conninfo]                  # of sessions for /db, beyond what libpq's variables say
type = "string"
default = ""
argument = ["--conninfo", "{value}"]

[[rule]]
when = { boot_delay_ms = { not = 0 }, fault = "hang-at-start" }
message = "a toy that never boots cannot boot late"
next = "leave boot_delay_ms out"

@prepare@
@data@
[serve]
command = ["@program@", "--port", "{port}", "--work-ms", "@work_ms@", "{arguments}"]
stop_grace = "@stop_grace@"

[ready]
endpoint = "ready"
timeout = "@ready_timeout@"

[endpoint.page]
path = "/"
database = false
expect = { body = "hello" }

[endpoint.db]
path = "/db"
expect = { body = "hello" }

[endpoint.ready]
path = "/ready"
database = false

@metrics@
)";

constexpr const char* kScenario = R"(
schema = 1
name = "toys"
target.use = "./toy"
target.endpoint = "@endpoint@"

[target.params]
@params@

[postgres]
@postgres@

[load]
connections = @connections@
@warmup@
measure = "@measure@"

[design]
@blocks@
@design@
seed = 3                           # runs the first of two cells first

@more@
)";

std::string fill(std::string text, const std::string& name, const std::string& value) {
  const std::string place = "@" + name + "@";
  const auto at = text.find(place);
  return at == std::string::npos ? text : text.replace(at, place.size(), value);
}

void write(const std::filesystem::path& file, const std::string& text) {
  ASSERT_TRUE(base::write_file_atomically(file, text)) << file;
}

std::string data_table(const ToyBench& bench) {
  std::string table;
  if (!bench.extensions.empty()) table += "extensions = " + bench.extensions + "\n";
  if (!bench.data_inputs.empty()) table += "inputs = " + bench.data_inputs + "\n";
  if (!bench.data.empty()) table += "commands = " + bench.data + "\n";
  return table.empty() ? "" : "[data]\n" + table;
}

}  // namespace

ToyBench with_database(int connections) {
  ToyBench bench;
  bench.endpoint = "db";
  bench.connections = connections;
  bench.measure = "500ms";
  return bench;
}

std::string quick_and_slow(const std::string& slow_settings) {
  return "[variant.quick]\n[variant.slow]\n" + slow_settings +
         "\n[matrix]\nvariant = [\"quick\", \"slow\"]\n";
}

std::filesystem::path write_toy_bench(const std::filesystem::path& folder, const ToyBench& bench) {
  std::string target = kTarget;
  target = fill(target, "program", bench.program.empty() ? POOLBENCH_TOY_SERVER : bench.program);
  target = fill(target, "work_ms", std::to_string(bench.work_ms));
  target =
      fill(target, "prepare", bench.prepare.empty() ? "" : "[prepare]\ncommand = " + bench.prepare);
  target = fill(target, "data", data_table(bench));
  target = fill(target, "inherit", bench.inherit.empty() ? "" : "inherit = " + bench.inherit);
  target = fill(target, "metrics", bench.metrics);
  target = fill(target, "ready_timeout", bench.ready_timeout);
  target = fill(target, "stop_grace", bench.stop_grace);
  std::filesystem::create_directories(folder / "toy");
  write(folder / "toy" / "target.toml", target);

  std::string scenario = kScenario;
  scenario = fill(scenario, "endpoint", bench.endpoint);
  scenario = fill(scenario, "params", bench.params);
  scenario = fill(scenario, "connections", std::to_string(bench.connections));
  scenario = fill(scenario, "postgres", bench.postgres);
  scenario =
      fill(scenario, "warmup", bench.warmup.empty() ? "" : "warmup = \"" + bench.warmup + "\"");
  scenario = fill(scenario, "measure", bench.measure);
  scenario =
      fill(scenario, "blocks", bench.blocks == 0 ? "" : "blocks = " + std::to_string(bench.blocks));
  scenario = fill(scenario, "design", bench.design);
  scenario = fill(scenario, "more", bench.more);
  write(folder / "toys.toml", scenario);
  return folder / "toys.toml";
}

}  // namespace poolbench::e2e
