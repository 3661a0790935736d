#include "run/trial.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <iterator>

#include "base/unique_fd.h"
#include "load/native_driver.h"
#include "run/evidence.h"
#include "run/phases.h"
#include "run/validity.h"
#include "service/ready.h"
#include "service/target_service.h"

namespace poolbench::run {
namespace {

/// Patience beyond warm-up, measuring and the last request's time-out before a generator counts as
/// hung.
constexpr base::Duration kGeneratorSlack = std::chrono::seconds(15);

/// The trial while it runs: each step returns an error or goes on.
class RunningTrial {
 public:
  RunningTrial(const TrialStage& stage, const scenario::Cell& cell)
      : stage_(stage), cell_(cell), phases_(stage.clock) {
    trial_.started_at = base::rfc3339(stage.clock.utc_now());
  }

  TrialOutcome run() {
    const auto result = steps();
    stop();
    phases_.end();
    trial_.phases = phases_.list();
    bool interrupted = false;
    if (!result) {
      interrupted = result.error().code == base::ErrorCode::kInterrupted;
      trial_.status = interrupted ? "interrupted" : "failed";
      trial_.reasons.push_back(result.error().message);
    } else {
      trial_.overhead_seconds = overhead_seconds(trial_.phases);
    }
    return {std::move(trial_), interrupted};
  }

 private:
  base::Result<void> steps() {
    begin("start");
    POOLBENCH_TRY(take_database());
    POOLBENCH_TRY(start_target());
    begin("verify");
    POOLBENCH_TRY(verify());
    POOLBENCH_TRY(load());
    return {};
  }

  void begin(const std::string& phase) {
    phases_.begin(phase);
    stage_.observer.phase_started(phase);
  }

  /// In a throw-away cluster without fsync, which copying a database's hundreds of files would
  /// spend most of its time in; from before the warm-up on, the server's own setting holds again.
  base::Result<void> take_database() {
    auto database = stage_.databases.take_trial_database(stage_.template_database);
    if (!database) return tl::unexpected(database.error());
    database_ = std::move(*database);
    POOLBENCH_TRY(session().checkpoint());
    if (stage_.databases.server()) POOLBENCH_TRY(session().set_fsync(true));
    phases_.part("database");
    return {};
  }

  base::Result<void> start_target() {
    auto started =
        service::TargetService::start(stage_.supervisor, cell_.target,
                                      {stage_.prepared, stage_.databases.environment(database_),
                                       stage_.folder / "target.log", cell_.placement.target});
    if (!started) return tl::unexpected(started.error());
    target_ = std::move(*started);
    POOLBENCH_TRY(target_->wait_until_it_answers());
    phases_.part("boot");
    POOLBENCH_TRY(target_->wait_until_every_worker_answers());
    phases_.part("workers");
    return {};
  }

  base::Result<void> verify() {
    const auto answer = target_->verify();
    if (!answer) return tl::unexpected(answer.error());
    const auto& endpoint = cell_.target.spec->endpoints.at(cell_.target.endpoint);
    job_.url.endpoint = target_->endpoint();
    job_.url.target = endpoint.path;
    job_.settings = cell_.load;
    job_.expect_status = endpoint.expect.status;
    job_.expect_contains = endpoint.expect.contains;
    job_.expect_length = endpoint.expect.length;
    if (endpoint.expect.json || endpoint.expect.body) job_.expect_body = answer->body;
    job_.folder = stage_.folder;
    job_.cpus = cell_.placement.generator;
    return {};
  }

  base::Result<void> load() {
    auto command = load::native_command(job_);
    if (!command) return tl::unexpected(command.error());
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return base::failed("cannot make a pipe");
    base::UniqueFd read_end(ends[0]);
    base::UniqueFd write_end(ends[1]);
    command->stdout_fd = write_end.get();
    const auto generator = stage_.supervisor.start(*command);
    if (!generator) return tl::unexpected(generator.error());
    write_end.reset();
    generator_ = *generator;
    return follow(read_end.get());
  }

  base::Result<void> follow(int output) {
    Evidence evidence(stage_.clock, session(),
                      {process::pid_of(target_->child()), stage_.databases.server(), database_});
    load::NativeOutput parsed;
    const auto deadline = stage_.clock.steady_now() + cell_.load.warmup + cell_.load.measure +
                          cell_.load.timeout + kGeneratorSlack;
    bool ended = false;
    while (!ended) {
      auto due = deadline;
      if (evidence.begun()) due = std::min(due, evidence.next_sample());
      const auto outcome = stage_.supervisor.wait(due, {output});
      if (std::holds_alternative<process::Interrupted>(outcome)) {
        return base::interrupted("interrupted under load");
      }
      if (const auto* exited = std::get_if<process::ChildExited>(&outcome)) {
        if (exited->child != generator_) {
          return tl::unexpected(service::ended_error(*exited, "under load"));
        }
        generator_exit_ = exited->exit;
      }
      if (stage_.clock.steady_now() >= deadline) {
        return base::failed("the generator did not finish in time" +
                            service::log_excerpt(stage_.folder / "generator.log"));
      }
      if (std::holds_alternative<process::FdReady>(outcome)) {
        ended = !read_output(output, parsed, evidence);
      } else if (evidence.begun() && stage_.clock.steady_now() >= evidence.next_sample()) {
        evidence.sample();
        stage_.observer.under_load();
        POOLBENCH_TRY(check_log());
      }
    }
    return finish(parsed, deadline);
  }

  [[nodiscard]] base::Result<void> check_log() const {
    if (!process::log_too_large(target_->child())) return {};
    return base::failed(
        "the target floods its log" + service::log_excerpt(stage_.folder / "target.log"),
        (stage_.folder / "target.log").string(), "lower its log level");
  }

  /// False at the end of the output.
  bool read_output(int output, load::NativeOutput& parsed, Evidence& evidence) {
    char buffer[16384];
    const ssize_t got = ::read(output, buffer, sizeof buffer);
    if (got <= 0) return false;
    for (const std::string& phase : parsed.add({buffer, static_cast<std::size_t>(got)})) {
      if (phase == "done") {
        evidence.end(trial_);
        phases_.end();
      } else {
        begin(phase);
        if (phase == "measure") evidence.begin();
      }
    }
    return true;
  }

  base::Result<void> finish(const load::NativeOutput& parsed, base::SteadyTime deadline) {
    if (!generator_exit_) {
      const auto exit = stage_.supervisor.wait_for(*generator_, deadline);
      if (!exit) return tl::unexpected(exit.error());
      generator_exit_ = *exit;
    }
    auto measurement = parsed.measurement();
    if (!measurement) {
      return base::failed(fmt::format(
          "the generator failed ({}): {}{}", process::to_text(*generator_exit_),
          measurement.error().message, service::log_excerpt(stage_.folder / "generator.log")));
    }
    take(std::move(*measurement));
    judge(trial_, cell_);
    if (trial_.status != "ok") {
      trial_.reasons.back() += service::log_excerpt(stage_.folder / "target.log");
    }
    return {};
  }

  void take(report::Measurement measurement) {
    const auto worked_on = static_cast<double>(measurement.requests.worked_on());
    if (trial_.database.sessions_opened && worked_on > 0) {
      trial_.database.sessions_per_request =
          static_cast<double>(*trial_.database.sessions_opened) / worked_on;
    }
    trial_.cpu_seconds.generator = measurement.generator_cpu_seconds;
    if (measurement.generator_peak_rss_bytes) {
      trial_.peak_rss_bytes.generator = static_cast<double>(*measurement.generator_peak_rss_bytes);
    }
    trial_.measurement = std::move(measurement);
  }

  void stop() {
    begin("stop");
    prepare_next();
    // A generator that outlives a failed trial would load, and end in, the next one.
    if (generator_ != nullptr) {
      keep_remarks(stage_.supervisor.stop(*generator_));
      phases_.part("generator");
    }
    if (!target_) return;
    keep_remarks(target_->stop());
    phases_.part("target");
  }

  /// The next trial's database is made while this trial's target stops. A failure shows there.
  void prepare_next() {
    if (stage_.next_template_database.empty()) return;
    if (stage_.databases.server()) static_cast<void>(session().set_fsync(false));
    stage_.databases.begin_trial_database(stage_.next_template_database);
  }

  [[nodiscard]] probe::PostgresSession& session() const { return stage_.databases.session(); }

  void keep_remarks(std::vector<std::string> remarks) {
    std::ranges::move(remarks, std::back_inserter(trial_.warnings));
  }

  const TrialStage& stage_;
  const scenario::Cell& cell_;
  Phases phases_;
  report::Trial trial_;
  std::optional<service::TargetService> target_;
  std::string database_;
  load::Job job_;
  process::Child* generator_ = nullptr;  ///< the supervisor owns it
  std::optional<process::Exit> generator_exit_;
};

}  // namespace

TrialOutcome run_trial(const TrialStage& stage, const scenario::Cell& cell) {
  return RunningTrial(stage, cell).run();
}

}  // namespace poolbench::run
