#include <fmt/format.h>

#include "base/file.h"
#include "base/time.h"
#include "load/external/driver.h"
#include "load/external/reading.h"

namespace poolbench::load {
namespace wrk {
namespace {

// wrk's text rounds; the hook has the figures.
constexpr std::string_view kScript = R"(function done(summary, latency, requests)
  local e = summary.errors
  io.write(string.format('\n{"duration_us": %d, "requests": %d, "bytes": %d',
    summary.duration, summary.requests, summary.bytes))
  io.write(string.format(', "errors": {"connect": %d, "read": %d, "write": %d, "status": %d, "timeout": %d}',
    e.connect, e.read, e.write, e.status, e.timeout))
  io.write(string.format(', "mean": %f, "max": %d', latency.mean, latency.max))
  for _, p in ipairs({50, 75, 90, 95, 99, 99.9, 99.99}) do
    io.write(string.format(', "p%s": %d', p, latency:percentile(p)))
  end
  io.write("}\n")
end
)";

constexpr LatencyPointers kLatency{.mean = "/mean",
                                   .p50 = "/p50",
                                   .p75 = "/p75",
                                   .p90 = "/p90",
                                   .p95 = "/p95",
                                   .p99 = "/p99",
                                   .p999 = "/p99.9",
                                   .p9999 = "/p99.99",
                                   .max = "/max"};

base::Result<std::vector<std::string>> arguments(const Job& job, const Stretch& stretch) {
  const auto script = job.folder / "wrk.lua";
  POOLBENCH_TRY(base::write_file_atomically(script, std::string(kScript)));
  std::vector<std::string> argv{
      "-c",        std::to_string(job.settings.connections),  //
      "-t",        std::to_string(job.settings.threads),      //
      "-d",        fmt::format("{}s", whole_seconds(stretch.length)),
      "-s",        script.string(),
      "--timeout", fmt::format("{}s", whole_seconds(job.settings.timeout))};
  if (!job.settings.keep_alive) argv.insert(argv.end(), {"-H", "Connection: close"});
  argv.push_back(base::to_text(job.url()));
  return argv;
}

base::Result<report::Measurement> read(const Job&, const ToolOutput& output) {
  const auto json = json_in("wrk", output.text);
  POOLBENCH_TRY(json);
  const auto microseconds = number_at(*json, "/duration_us");
  if (!microseconds) return unreadable("wrk", "duration_us is missing");
  report::Measurement m;
  const std::uint64_t answered = count_at(*json, "/requests");
  // Statuses from 400 on, of either class: wrk does not tell them apart.
  const std::uint64_t bad = std::min(answered, count_at(*json, "/errors/status"));
  // An answer that came too late is counted as a request, too.
  const std::uint64_t late = count_at(*json, "/errors/timeout");
  m.requests.ok = answered - std::min(answered, bad + late);
  add_errors(m, "status_other", bad);
  add_errors(m, "connect_other", count_at(*json, "/errors/connect"));
  add_errors(m, "reset", count_at(*json, "/errors/read"));
  add_errors(m, "write", count_at(*json, "/errors/write"));
  add_errors(m, "timeout", late);
  if (bad > 0) m.first_error = "a status of 400 or above; wrk does not tell which";
  m.bytes_received = count_at(*json, "/bytes");
  read_latency(*json, kLatency, 1, m.latency_us);
  complete(m, *microseconds / 1e6);
  return m;
}

}  // namespace
}  // namespace wrk

const Driver kWrk{.name = "wrk",
                  .program = "wrk",
                  .can = {.close = true, .threads = true},
                  .tags = {.coordinated_omission = "backfilled",
                           .errors_in_latency = true,
                           .checks = "status below 400"},
                  .version_arguments = {"-v"},
                  .identity = "Will Glozer",
                  .before_version = "wrk ",
                  .install = "Debian's package wrk",
                  .arguments = wrk::arguments,
                  .read = wrk::read};

}  // namespace poolbench::load
