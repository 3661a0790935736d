#include "run/metric_watch.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <system_error>

#include "probe/metric_text.h"

namespace poolbench::run {
namespace {

using report::MetricKind;
using report::MetricSource;
using scenario::MetricSpec;

base::Result<double> number_in(const MetricSpec& metric, const std::string& body) {
  return metric.source == MetricSource::kHttpJson
             ? probe::number_in_json(body, metric.pointer)
             : probe::number_in_prometheus(body, metric.series, metric.labels);
}

base::Result<Readings> readings_of(const MetricSpec& metric,
                                   const base::Result<service::WorkerAnswers>& answers) {
  if (!answers) return tl::unexpected(answers.error());
  Readings readings;
  for (const auto& [worker, timed] : *answers) {
    const auto number = number_in(metric, timed.answer.body);
    if (!number) {
      return base::failed(
          fmt::format("in the answer to {}: {}", metric.path, number.error().message));
    }
    readings[worker] = {*number, timed.at};
  }
  return readings;
}

base::Result<std::string> part_of(const std::filesystem::path& file, std::uintmax_t begin,
                                  std::uintmax_t end) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return base::failed("there is no log", file.string());
  std::string text(end > begin ? end - begin : 0, '\0');
  stream.seekg(static_cast<std::streamoff>(begin));
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (stream.bad() || static_cast<std::size_t>(stream.gcount()) != text.size()) {
    return base::failed("the log cannot be read", file.string());
  }
  return text;
}

}  // namespace

void MetricWatch::connect() {
  for (const MetricSpec& metric : *watched_.metrics) {
    if (metric.source != MetricSource::kSql || sessions_.contains(metric.database)) continue;
    sessions_.try_emplace(metric.database, watched_.open(metric.database));
  }
}

pid_t MetricWatch::session_process() const {
  const auto own = sessions_.find("");
  return own != sessions_.end() && own->second ? own->second->process() : 0;
}

MetricWatch::Asked MetricWatch::ask(MetricKind kind, base::Duration limit) const {
  std::map<std::string, std::vector<std::string>> paths;  // by port
  for (const MetricSpec& metric : *watched_.metrics) {
    if (!metric.is_http() || metric.kind != kind) continue;
    auto& of_port = paths[metric.port];
    if (std::ranges::find(of_port, metric.path) == of_port.end()) of_port.push_back(metric.path);
  }
  Asked asked;
  for (const auto& [port, of_port] : paths) {
    service::Question question = watched_.questions.at(port);
    question.limit = limit;
    asked[port] = std::make_unique<service::WorkerQuestions>(question, watched_.workers, of_port);
  }
  return asked;
}

void MetricWatch::ask_before(base::Duration limit) {
  if (asked_before_.empty()) asked_before_ = ask(MetricKind::kCounter, limit);
}

void MetricWatch::wait_for_answers() {
  for (const auto& [port, questions] : asked_before_) static_cast<void>(questions->answers());
}

std::optional<double> MetricWatch::ask_postgres(const MetricSpec& metric) {
  State& state = states_[metric.name];
  if (!state.failure.empty()) return std::nullopt;
  auto& session = sessions_.at(metric.database);
  const auto number =
      session
          ? session->number({metric.sql, metric.column, metric.has_combine, metric.takes_largest})
          : base::Result<double>(tl::unexpected(session.error()));
  if (number) return *number;
  state.failure = number.error().message;
  return std::nullopt;
}

void MetricWatch::read_postgres(Readings State::* readings) {
  for (const MetricSpec& metric : *watched_.metrics) {
    if (metric.source != MetricSource::kSql || metric.kind != MetricKind::kCounter) continue;
    const auto value = ask_postgres(metric);
    if (value) (states_[metric.name].*readings)[""] = {*value, clock_->steady_now()};
  }
}

void MetricWatch::begin() {
  ask_before();
  has_begun_ = true;
  read_postgres(&State::before);
  log_begin_ = log_size();
  begin_ = clock_->steady_now();
}

void MetricWatch::sample() {
  for (const MetricSpec& metric : *watched_.metrics) {
    if (metric.source != MetricSource::kSql || metric.kind != MetricKind::kGauge) continue;
    if (const auto value = ask_postgres(metric)) states_[metric.name].samples.push_back(*value);
  }
  sample_http();
}

/// Nobody waits for the answers: they are taken with a later sample, and asked for anew then.
void MetricWatch::sample_http() {
  const bool are_there = std::ranges::all_of(
      asked_for_gauges_, [](const auto& each) { return each.second->are_there(); });
  if (!are_there) return;
  for (const MetricSpec& metric : *watched_.metrics) {
    State& state = states_[metric.name];
    const auto asked = asked_for_gauges_.find(metric.port);
    if (!metric.is_http() || metric.kind != MetricKind::kGauge || !state.failure.empty() ||
        asked == asked_for_gauges_.end()) {
      continue;
    }
    const auto read = readings_of(metric, asked->second->answers().at(metric.path));
    if (!read) state.failure = read.error().message;
    if (read) state.samples.push_back(read->begin()->second.value);
  }
  asked_for_gauges_ = ask(MetricKind::kGauge, kPatience);
}

void MetricWatch::end() {
  if (!has_begun_) return;
  end_ = clock_->steady_now();
  log_end_ = log_size();
  read_postgres(&State::after);
}

std::uintmax_t MetricWatch::log_size() const {
  std::error_code error;
  const auto size = std::filesystem::file_size(watched_.log, error);
  return error ? 0 : size;
}

void MetricWatch::take_answers(Asked& asked, Readings State::* readings) {
  for (const MetricSpec& metric : *watched_.metrics) {
    State& state = states_[metric.name];
    if (!metric.is_http() || metric.kind != MetricKind::kCounter || !state.failure.empty())
      continue;
    auto read = readings_of(metric, asked.at(metric.port)->answers().at(metric.path));
    if (read) {
      state.*readings = std::move(*read);
    } else {
      state.failure = read.error().message;
    }
  }
}

/// A line has no second reading: what a counter got in the window is its growth from 0.
void MetricWatch::read_log() {
  std::optional<base::Result<std::string>> text;
  for (const MetricSpec& metric : *watched_.metrics) {
    if (metric.source != MetricSource::kLog) continue;
    if (!text) text = part_of(watched_.log, log_begin_, log_end_);
    State& state = states_[metric.name];
    const auto numbers = text->and_then(
        [&](const std::string& lines) { return probe::numbers_in_log(lines, metric.pattern); });
    if (!numbers) {
      state.failure = numbers.error().message;
    } else if (metric.kind == MetricKind::kCounter) {
      state.before[""] = {0, begin_};
      state.after[""] = {numbers->sum, end_};
    } else if (numbers->lines == 0) {
      state.failure =
          fmt::format("no line that the log of the {} got in the window has it", watched_.name);
    } else {
      state.gauge = {numbers->sum / static_cast<double>(numbers->lines), numbers->largest};
    }
  }
}

void MetricWatch::put(report::Trial& trial, const MetricSpec& metric,
                      const MeasuredWindow& window) {
  const State& state = states_[metric.name];
  std::vector<std::optional<double>> values;
  std::string failure = state.failure;
  if (failure.empty() && metric.kind == MetricKind::kCounter) {
    const auto value = counter_value(metric, state.before, state.after, window);
    if (!value) failure = value.error().message;
    if (value) values = {*value};
  } else if (failure.empty()) {
    const auto both =
        state.gauge ? base::Result<GaugeValues>(*state.gauge) : gauge_values(state.samples);
    if (!both) failure = both.error().message;
    if (both) values = {both->mean, both->max};
  }
  const auto declared = scenario::declared_by(metric);
  values.resize(declared.size());
  for (std::size_t i = 0; i < declared.size(); ++i) {
    trial.metrics[declared[i].name] = values[i];
    if (!values[i]) trial.missing.emplace_back("metrics." + declared[i].name, failure);
  }
}

void MetricWatch::finish(report::Trial& trial, std::uint64_t worked_on) {
  if (!has_begun_ || watched_.metrics->empty()) return;
  if (!asked_before_.empty()) {
    Asked asked_after = ask(MetricKind::kCounter, kPatience);
    take_answers(asked_before_, &State::before);
    take_answers(asked_after, &State::after);
    // What has grown since then grew without load.
    for (auto& [name, state] : states_) {
      for (auto& [worker, reading] : state.after) reading.at = std::min(reading.at, end_);
    }
  }
  read_log();
  const MeasuredWindow window{begin_, end_, worked_on, watched_.turn ? watched_.turn->count : 1};
  for (const MetricSpec& metric : *watched_.metrics) put(trial, metric, window);
}

}  // namespace poolbench::run
