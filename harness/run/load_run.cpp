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
#include "generator/summary.h"
#include "probe/process_tree.h"
#include "process/run_command.h"
#include "report/validity.h"
#include "run/setup.h"
#include "run/trial_metrics.h"

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
  const auto pid_of = [](const process::Child* child) {
    return child == nullptr ? std::nullopt : std::optional(process::pid_of(*child));
  };
  std::map<std::string, pid_t> services;
  for (const auto& each : services_) services[each.name()] = process::pid_of(*each.child());
  service::Databases* const databases = setup_.databases();
  monitor_.emplace(
      setup_.clock(), databases == nullptr ? nullptr : &databases->session(),
      Monitor::Watched{pid_of(target_), target_unseen, pid_of(setup_.database_server()),
                       std::move(services), database, turns(), metrics_.session_process(),
                       cell_.postgres.statements});
  const auto found = setup_.tools().find(job_.settings.generator);
  if (found == setup_.tools().end()) return begin_native();
  tool_ = &found->second;
  if (cell_.load.warmup == base::Duration{}) return begin_measured_stretch();
  phases_.begin("warm-up");
  return begin_stretch({cell_.load.warmup, std::nullopt});
}

base::Result<report::Measurement> LoadRun::end() {
  if (failure_) return tl::unexpected(*failure_);
  return tool_ == nullptr ? end_native() : end_tool();
}

std::vector<std::string> LoadRun::stop() {
  return generator_ == nullptr ? std::vector<std::string>{} : setup_.supervisor().stop(*generator_);
}

base::Result<void> LoadRun::begin_native() {
  process::Command command = load::native_command(job_);
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return base::failed("cannot make a pipe");
  pipe_ = base::UniqueFd(ends[0]);
  const base::UniqueFd write_end(ends[1]);
  command.stdout_fd = write_end.get();
  plan_to_ask();
  return start(command, load_time());
}

/// At the end of the warm-up, so that nothing that is measured waits for it; in turns in the pause
/// after the warm-up.
void LoadRun::plan_to_ask() {
  constexpr base::Duration kBeforeWindow = std::chrono::milliseconds(300);
  const base::Duration warmup = job_.settings.warmup;
  if (const auto all = turns()) {
    ask_at_ = all->counts_from();
  } else if (warmup == base::Duration{}) {
    metrics_.ask_before();
    metrics_.wait_for_answers();
  } else {
    ask_at_ = setup_.clock().steady_now() + warmup - std::min(warmup / 2, kBeforeWindow);
  }
}

base::Result<report::Measurement> LoadRun::end_native() {
  POOLBENCH_TRY(await_exit());
  auto measurement = native_.measurement(*exit_);
  if (!measurement) measurement.error().message += log_excerpt();
  return measurement;
}

/// From its start to its end, all turns of others included.
base::Duration LoadRun::load_time() const {
  const scenario::LoadSettings& load = job_.settings;
  if (const auto all = turns()) return all->window_end() - setup_.clock().steady_now();
  return load.warmup + load.measure;
}

std::optional<generator::Turns> LoadRun::turns() const {
  if (!job_.turn) return std::nullopt;
  return generator::Turns(*job_.turn, job_.settings.warmup, job_.settings.measure);
}

base::Result<void> LoadRun::begin_measured_stretch() {
  is_measured_ = true;
  metrics_.ask_before();
  metrics_.wait_for_answers();
  begin_measuring();
  return begin_stretch({cell_.load.measure, cell_.load.requests});
}

base::Result<void> LoadRun::begin_stretch(const load::Stretch& stretch) {
  stretch_ = stretch;
  auto command = load::stretch_command(*tool_, job_, stretch);
  if (!command) return tl::unexpected(command.error());
  const auto output = create(job_.folder / "generator.out");
  if (!output) return tl::unexpected(output.error());
  command->stdout_fd = output->get();
  stretch_began_ = setup_.clock().steady_now();
  return start(*command, stretch.length);
}

base::Result<void> LoadRun::end_stretch() {
  const auto wall_time = setup_.clock().steady_now() - stretch_began_;
  // Its zombie still has them.
  tool_cpu_seconds_ = probe::tree_cpu_seconds(process::pid_of(*generator_));
  const process::Exit exit = *exit_;
  stop();
  if (!exit.ok()) {
    return base::failed(fmt::format("{} failed ({}){}{}", tool_->driver->name,
                                    process::to_text(exit),
                                    load::meaning_of_failure(*tool_->driver, job_), log_excerpt()));
  }
  POOLBENCH_TRY(load::check_lasted(*tool_, job_, stretch_, wall_time));
  if (!is_measured_) return begin_measured_stretch();
  wall_time_ = wall_time;
  end_measuring();
  phases_.end();
  return {};
}

base::Result<report::Measurement> LoadRun::end_tool() {
  auto text = tool_report();
  if (!text) return tl::unexpected(text.error());
  auto measurement = load::read_stretch(*tool_, job_, {std::move(*text), wall_time_});
  if (measurement) add_tool_use(*measurement);
  return measurement;
}

base::Result<std::string> LoadRun::tool_report() {
  if (tool_->driver->report_arguments == nullptr) {
    return base::read_file(job_.folder / "generator.out");
  }
  process::Command command;
  command.name = fmt::format("report of {}", tool_->driver->name);
  command.argv = tool_->driver->report_arguments(job_);
  command.argv.insert(command.argv.begin(), tool_->program.string());
  command.environment = base::standard_environment();
  return process::capture_stdout(setup_.supervisor(), command, kSlack);
}

void LoadRun::add_tool_use(report::Measurement& measurement) const {
  measurement.generator_cpu_seconds = tool_cpu_seconds_;
  if (tool_rss_peak_ > 0) measurement.generator_peak_rss_bytes = tool_rss_peak_;
  const auto processors = static_cast<double>(cell_.placement.generator.empty()
                                                  ? static_cast<std::size_t>(cell_.load.threads)
                                                  : cell_.placement.generator.size());
  // What it used to start is among its processor time: where that is most of it, nothing is known.
  const double wall_seconds = base::to_seconds(wall_time_);
  if (measurement.measured_seconds < wall_seconds / 2) return;
  const double busy = tool_cpu_seconds_ / wall_seconds / processors;
  const bool is_slow =
      cell_.load.rate_hz && report::is_below_rate(measurement, *cell_.load.rate_hz);
  if (busy < (is_slow ? generator::kHalfBusyShare : generator::kBusyShare)) return;
  measurement.generator_limited = true;
  measurement.generator_limited_reasons.push_back(
      fmt::format("it used {:.2f} of the {} processor{} that it had", busy * processors, processors,
                  processors == 1 ? "" : "s"));
}

void LoadRun::begin_measuring() {
  phases_.begin("measure");
  monitor_->begin();
  metrics_.begin();
}

void LoadRun::end_measuring() {
  if (!monitor_->is_ongoing()) return;
  monitor_->end(trial_);
  metrics_.end();
}

base::Result<void> LoadRun::start(const process::Command& command, base::Duration length) {
  const auto child = setup_.supervisor().start(command);
  if (!child) return tl::unexpected(child.error());
  generator_ = *child;
  exit_.reset();
  deadline_ = setup_.clock().steady_now() + length + cell_.load.timeout + kSlack;
  return {};
}

bool LoadRun::is_running() const {
  if (failure_ || generator_ == nullptr) return false;
  return tool_ == nullptr ? static_cast<bool>(pipe_) : !exit_;
}

base::SteadyTime LoadRun::next_look() const {
  const auto next = std::min(deadline_, ask_at_);
  return monitor_->has_begun() ? std::min(next, monitor_->next_sample()) : next;
}

void LoadRun::heed(const process::ChildExited& ended) {
  if (ended.child == generator_) {
    exit_ = ended.exit;
    if (tool_ == nullptr) return;
    if (const auto done = end_stretch(); !done) fail(done.error());
    return;
  }
  const auto watched = loaded();
  if (std::ranges::find(watched, ended.child) != watched.end() ||
      ended.child == setup_.database_server()) {
    fail(process::ended_error(ended, "under load"));
  }
}

void LoadRun::look() {
  const auto now = setup_.clock().steady_now();
  if (is_running() && now >= deadline_) {
    fail(base::failed("the generator did not finish in time" + overdue_count() + log_excerpt())
             .value());
  } else if (is_running() && monitor_->has_begun() && now >= monitor_->next_sample()) {
    sample();
  }
  if (now >= ask_at_ && !failure_) ask_for_metrics(now);
  if (failure_) give_up();
}

void LoadRun::ask_for_metrics(base::SteadyTime now) {
  ask_at_ = base::SteadyTime::max();
  if (const auto all = turns()) {
    metrics_.ask_before(all->window_start() - now);
  } else {
    metrics_.ask_before();
  }
}

void LoadRun::sample() {
  monitor_->sample();
  metrics_.sample();
  if (setup_.databases() != nullptr) setup_.databases()->watch_log();
  setup_.observer().under_load();
  if (tool_ != nullptr) {
    tool_rss_peak_ = std::max(tool_rss_peak_, probe::tree_rss_bytes(process::pid_of(*generator_)));
  }
  look_at_logs();
}

void LoadRun::look_at_logs() {
  for (const process::Child* const child : loaded()) {
    if (!process::log_too_large(*child)) continue;
    const auto& log = process::log_of(*child);
    const std::string name = child == target_ ? "the target" : process::name_of(*child);
    fail({base::ErrorCode::kFailed, name + " floods its log" + process::log_excerpt(log),
          log.string(), "lower its log level"});
    return;
  }
}

std::vector<process::Child*> LoadRun::loaded() const {
  std::vector<process::Child*> children;
  if (target_ != nullptr) children.push_back(target_);
  for (const auto& each : services_) children.push_back(each.child());
  return children;
}

void LoadRun::give_up() {
  phases_.end();
  for (process::Child* child : {generator_, target_}) {
    if (child == nullptr) continue;
    std::ranges::move(setup_.supervisor().stop(*child), std::back_inserter(trial_.warnings));
  }
}

void LoadRun::take_output(int pipe) {
  if (pipe != this->pipe()) return;
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
    }
  }
}

base::Result<void> LoadRun::await_exit() {
  if (exit_) return {};
  const auto exit = setup_.supervisor().wait_for(*generator_, deadline_);
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
