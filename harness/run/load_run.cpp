#include "run/load_run.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <iterator>

#include "base/file.h"
#include "base/raii.h"
#include "base/time.h"
#include "generator/limits.h"
#include "probe/tree_usage.h"
#include "process/run_command.h"
#include "report/validity.h"

namespace poolbench::run {
namespace {

/// Patience beyond a stretch and the last request's time-out before a generator counts as hung.
constexpr base::Duration kSlack = std::chrono::seconds(15);

base::Result<base::UniqueFd> create(const std::filesystem::path& file) {
  base::UniqueFd fd(::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  if (fd.get() < 0) return base::failed("cannot create the file", file.string());
  return fd;
}

}  // namespace

base::Result<void> LoadRun::begin(const load::Job& job, const std::string& database,
                                  const std::string& target_unseen) {
  job_ = job;
  monitor_.emplace(stage_.clock, stage_.databases.session(),
                   Monitor::Watched{process::pid_of(target_), target_unseen,
                                    stage_.databases.server(), database, turns()});
  return tool() == nullptr ? begin_native() : base::Result<void>{};
}

base::Result<report::Measurement> LoadRun::end() {
  return tool() == nullptr ? end_native() : run_tool(*tool());
}

const load::Tool* LoadRun::tool() const {
  const auto found = stage_.tools.find(job_.settings.generator);
  return found == stage_.tools.end() ? nullptr : &found->second;
}

std::vector<std::string> LoadRun::stop() {
  return generator_ == nullptr ? std::vector<std::string>{} : stage_.supervisor.stop(*generator_);
}

base::Result<void> LoadRun::begin_native() {
  auto command = load::native_command(job_);
  if (!command) return tl::unexpected(command.error());
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return base::failed("cannot make a pipe");
  pipe_ = base::UniqueFd(ends[0]);
  const base::UniqueFd write_end(ends[1]);
  command->stdout_fd = write_end.get();
  return start(*command, load_time());
}

base::Result<report::Measurement> LoadRun::end_native() {
  if (failure_) return tl::unexpected(*failure_);
  POOLBENCH_TRY(await_exit());
  auto measurement = native_.measurement(*exit_);
  if (!measurement) measurement.error().message += log_excerpt();
  return measurement;
}

/// From its start to its end, all turns of others included.
base::Duration LoadRun::load_time() const {
  const scenario::LoadSettings& load = job_.settings;
  if (const auto all = turns()) return all->window_end() - stage_.clock.steady_now();
  return load.warmup + load.measure;
}

std::optional<generator::Turns> LoadRun::turns() const {
  if (!job_.turn) return std::nullopt;
  return generator::Turns(*job_.turn, job_.settings.warmup, job_.settings.measure);
}

base::Result<report::Measurement> LoadRun::run_tool(const load::Tool& tool) {
  if (cell_.load.warmup > base::Duration{}) {
    phases_.begin("warm-up");
    stage_.observer.phase_started("warm-up");
    const auto warmed = run_stretch(tool, {cell_.load.warmup, std::nullopt});
    if (!warmed) return tl::unexpected(warmed.error());
  }
  begin_measuring();
  const auto wall_time = run_stretch(tool, {cell_.load.measure, cell_.load.requests});
  if (!wall_time) return tl::unexpected(wall_time.error());
  end_measuring();
  phases_.end();
  auto text = tool_report(tool);
  if (!text) return tl::unexpected(text.error());
  auto measurement = load::read_stretch(tool, job_, {std::move(*text), *wall_time});
  if (measurement) add_tool_use(*measurement, *wall_time);
  return measurement;
}

base::Result<base::Duration> LoadRun::run_stretch(const load::Tool& tool,
                                                  const load::Stretch& stretch) {
  auto command = load::stretch_command(tool, job_, stretch);
  if (!command) return tl::unexpected(command.error());
  const auto output = create(job_.folder / "generator.out");
  if (!output) return tl::unexpected(output.error());
  command->stdout_fd = output->get();
  const auto started = stage_.clock.steady_now();
  POOLBENCH_TRY(start(*command, stretch.length));
  POOLBENCH_TRY(follow(stage_.supervisor, {this}));
  if (failure_) return tl::unexpected(*failure_);
  const auto wall_time = stage_.clock.steady_now() - started;
  // Its zombie still has them.
  tool_cpu_seconds_ = probe::tree_cpu_seconds(process::pid_of(*generator_));
  const process::Exit exit = *exit_;
  stop();
  if (!exit.ok()) {
    return base::failed(fmt::format("{} failed ({}){}{}", tool.driver->name, process::to_text(exit),
                                    load::meaning_of_failure(*tool.driver, job_), log_excerpt()));
  }
  POOLBENCH_TRY(load::check_lasted(tool, job_, stretch, wall_time));
  return wall_time;
}

base::Result<std::string> LoadRun::tool_report(const load::Tool& tool) {
  if (tool.driver->report_arguments == nullptr) {
    return base::read_file(job_.folder / "generator.out");
  }
  process::Command command;
  command.name = fmt::format("report of {}", tool.driver->name);
  command.argv = tool.driver->report_arguments(job_);
  command.argv.insert(command.argv.begin(), tool.program.string());
  command.environment = base::standard_environment();
  return process::capture_stdout(stage_.supervisor, command, kSlack);
}

void LoadRun::add_tool_use(report::Measurement& measurement, base::Duration wall_time) const {
  measurement.generator_cpu_seconds = tool_cpu_seconds_;
  if (tool_rss_peak_ > 0) measurement.generator_peak_rss_bytes = tool_rss_peak_;
  const auto processors = static_cast<double>(cell_.placement.generator.empty()
                                                  ? static_cast<std::size_t>(cell_.load.threads)
                                                  : cell_.placement.generator.size());
  // What it used to start is among its processor time: where that is most of it, nothing is known.
  const double wall_seconds = base::to_seconds(wall_time);
  if (measurement.measured_seconds < wall_seconds / 2) return;
  const double busy = tool_cpu_seconds_ / wall_seconds / processors;
  const bool is_slow =
      cell_.load.rate_hz && report::is_below_rate(measurement, *cell_.load.rate_hz);
  if (busy < (is_slow ? generator::kHalfBusy : generator::kBusy)) return;
  measurement.generator_limited = true;
  measurement.generator_limited_reasons.push_back(
      fmt::format("it used {:.2f} of the {} processor{} that it had", busy * processors, processors,
                  processors == 1 ? "" : "s"));
}

void LoadRun::begin_measuring() {
  phases_.begin("measure");
  stage_.observer.phase_started("measure");
  monitor_->begin();
}

void LoadRun::end_measuring() {
  if (monitor_->is_ongoing()) monitor_->end(trial_);
}

base::Result<void> LoadRun::start(const process::Command& command, base::Duration length) {
  const auto child = stage_.supervisor.start(command);
  if (!child) return tl::unexpected(child.error());
  generator_ = *child;
  exit_.reset();
  deadline_ = stage_.clock.steady_now() + length + cell_.load.timeout + kSlack;
  return {};
}

base::Result<void> LoadRun::follow(process::Supervisor& supervisor,
                                   const std::vector<LoadRun*>& load_runs) {
  while (true) {
    std::vector<LoadRun*> running;
    std::vector<int> pipes;
    auto due = base::SteadyTime::max();
    for (LoadRun* each : load_runs) {
      if (!each->is_running()) continue;
      running.push_back(each);
      if (each->pipe_) pipes.push_back(each->pipe_.get());
      due = std::min(due, each->next_look());
    }
    if (running.empty()) return {};
    const auto outcome = supervisor.wait(due, pipes);
    if (std::holds_alternative<process::Interrupted>(outcome)) {
      return base::interrupted("interrupted under load");
    }
    const auto* exited = std::get_if<process::ChildExited>(&outcome);
    const bool is_common = exited != nullptr && std::ranges::none_of(load_runs, [&](auto* each) {
                             return each->owns(exited->child);
                           });
    const auto* ready = std::get_if<process::FdReady>(&outcome);
    for (LoadRun* each : running) {
      if (exited != nullptr && (is_common || each->owns(exited->child))) each->heed(*exited);
      if (ready != nullptr && each->pipe_.get() == ready->fd) each->take_output();
      each->look();
      if (each->failure_) each->give_up();
    }
  }
}

bool LoadRun::is_running() const {
  if (failure_ || generator_ == nullptr) return false;
  return tool() == nullptr ? static_cast<bool>(pipe_) : !exit_;
}

base::SteadyTime LoadRun::next_look() const {
  return monitor_->has_begun() ? std::min(deadline_, monitor_->next_sample()) : deadline_;
}

bool LoadRun::owns(const process::Child* child) const {
  return child == generator_ || child == &target_;
}

void LoadRun::heed(const process::ChildExited& exited) {
  if (exited.child == generator_) {
    exit_ = exited.exit;
  } else {
    failure_ = process::ended_error(exited, "under load");
  }
}

void LoadRun::look() {
  const auto now = stage_.clock.steady_now();
  if (failure_ || !is_running()) return;
  if (now >= deadline_) {
    failure_ =
        base::failed("the generator did not finish in time" + overdue_count() + log_excerpt())
            .value();
  } else if (monitor_->has_begun() && now >= monitor_->next_sample()) {
    sample();
  }
}

void LoadRun::sample() {
  monitor_->sample();
  stage_.databases.watch_log();
  stage_.observer.under_load();
  if (tool() != nullptr) {
    tool_rss_peak_ = std::max(tool_rss_peak_, probe::tree_rss_bytes(process::pid_of(*generator_)));
  }
  if (!process::log_too_large(target_)) return;
  const auto log = job_.folder / "target.log";
  failure_ =
      base::Error{base::ErrorCode::kFailed, "the target floods its log" + process::log_excerpt(log),
                  log.string(), "lower its log level"};
}

void LoadRun::give_up() {
  phases_.end();
  for (process::Child* child : {generator_, &target_}) {
    std::ranges::move(stage_.supervisor.stop(*child), std::back_inserter(trial_.warnings));
  }
}

void LoadRun::take_output() {
  char buffer[16384];
  const ssize_t got = ::read(pipe_.get(), buffer, sizeof buffer);
  if (got < 0 && errno == EINTR) return;
  if (got <= 0) return pipe_.reset();
  for (const std::string& phase : native_.add({buffer, static_cast<std::size_t>(got)})) {
    if (phase == "measure") {
      begin_measuring();
    } else if (phase == "done") {
      end_measuring();
      phases_.end();
    } else {
      if (phase == "drain") end_measuring();
      phases_.begin(phase);
      stage_.observer.phase_started(phase);
    }
  }
}

base::Result<void> LoadRun::await_exit() {
  if (exit_) return {};
  const auto exit = stage_.supervisor.wait_for(*generator_, deadline_);
  if (!exit) return tl::unexpected(exit.error());
  exit_ = *exit;
  return {};
}

/// What takes so long if it is a number of requests.
std::string LoadRun::overdue_count() const {
  const scenario::LoadSettings& load = job_.settings;
  if (!load.requests) return {};
  return fmt::format(": {} requests take longer than load.measure = {}", *load.requests,
                     base::format_duration(load.measure));
}

std::string LoadRun::log_excerpt() const {
  return process::log_excerpt(job_.folder / "generator.log");
}

}  // namespace poolbench::run
