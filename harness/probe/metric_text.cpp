#include "probe/metric_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/regex.hpp>
#include <charconv>
#include <cmath>
#include <optional>

#include "base/json.h"
#include "base/text.h"

namespace poolbench::probe {
namespace {

/// As much of a text as a message can hold.
std::string shown(std::string_view text) {
  constexpr std::size_t kShown = 80;
  return base::printable(text.size() <= kShown ? std::string(text)
                                               : std::string(text.substr(0, kShown)) + "…");
}

/// The whole text as a number, which may be infinite or none ("NaN").
std::optional<double> number_of(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  double value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool is_whole = end == text.data() + text.size() && !text.empty();
  return problem == std::errc() && is_whole ? std::optional(value) : std::nullopt;
}

}  // namespace

base::Result<double> number_in_json(std::string_view text, const std::string& pointer) {
  const base::Json json = base::parse_json(text);
  if (json.is_discarded()) return base::failed(fmt::format("it is no JSON: {}", shown(text)));
  try {
    const base::Json& value = json.at(base::Json::json_pointer(pointer));
    if (value.is_number()) return value.get<double>();
    return base::failed(
        fmt::format("what it has at {} is no number: {}", pointer, shown(base::json_dump(value))));
  } catch (const base::Json::exception&) {
    return base::failed(fmt::format("it has nothing at {}: {}", pointer, shown(text)));
  }
}

namespace {

using Labels = std::map<std::string, std::string>;

/// Takes one line apart from its front.
class SampleLine {
 public:
  explicit SampleLine(std::string_view line) : rest_(line) {}

  /// A name, of a metric or (`colon`: without ':') of a label; empty if none stands there.
  std::string_view name(bool colon) {
    const auto is_part = [&](char c, bool is_first) {
      const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
      return is_letter || (colon && c == ':') || (!is_first && c >= '0' && c <= '9');
    };
    std::size_t length = 0;
    while (length < rest_.size() && is_part(rest_[length], length == 0)) ++length;
    return take(length);
  }

  bool skip(char c) {
    skip_blanks();
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  void skip_blanks() {
    const std::size_t first = rest_.find_first_not_of(" \t");
    rest_.remove_prefix(std::min(first, rest_.size()));
  }

  /// "value" with its escapes \\, \" and \n; none if it is not whole.
  std::optional<std::string> quoted() {
    if (!skip('"')) return std::nullopt;
    std::string text;
    while (!rest_.empty()) {
      const char c = take(1).front();
      if (c == '"') return text;
      if (c != '\\') {
        text += c;
        continue;
      }
      if (rest_.empty()) break;
      const char escaped = take(1).front();
      text += escaped == 'n' ? '\n' : escaped;
    }
    return std::nullopt;
  }

  /// {name="value",…}, with a comma at its end or without; empty if there is none. None if it is
  /// not well formed.
  std::optional<Labels> labels() {
    Labels labels;
    if (!skip('{')) return labels;
    while (!skip('}')) {
      const std::string name(this->name(false));
      if (name.empty() || !skip('=')) return std::nullopt;
      skip_blanks();
      auto value = quoted();
      if (!value) return std::nullopt;
      labels[name] = std::move(*value);
      if (skip(',')) continue;
      if (skip('}')) break;
      return std::nullopt;
    }
    return labels;
  }

  /// What stands up to the next blank.
  std::string_view word() {
    skip_blanks();
    return take(std::min(rest_.find_first_of(" \t"), rest_.size()));
  }

 private:
  std::string_view take(std::size_t length) {
    const std::string_view taken = rest_.substr(0, length);
    rest_.remove_prefix(length);
    return taken;
  }

  std::string_view rest_;
};

struct Sample {
  std::string_view name;
  Labels labels;
  double value = 0;
};

/// None for a line that is no sample. A time stamp and an exemplar may follow.
std::optional<Sample> read_sample(std::string_view text) {
  SampleLine line(text);
  line.skip_blanks();
  Sample sample;
  sample.name = line.name(true);
  auto labels = line.labels();
  if (sample.name.empty() || !labels) return std::nullopt;
  sample.labels = std::move(*labels);
  const auto value = number_of(line.word());
  if (!value) return std::nullopt;
  sample.value = *value;
  return sample;
}

/// The next line of a text, without its end; it is taken off.
std::string_view next_line(std::string_view& text) {
  std::string_view line = text.substr(0, text.find('\n'));
  text.remove_prefix(std::min(line.size() + 1, text.size()));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

bool has_labels(const Labels& all, const Labels& wanted) {
  return std::ranges::all_of(wanted, [&](const auto& label) {
    const auto found = all.find(label.first);
    return found != all.end() && found->second == label.second;
  });
}

}  // namespace

base::Result<double> number_in_prometheus(std::string_view text, std::string_view name,
                                          const Labels& labels) {
  double sum = 0;
  bool is_there = false;
  for (int number = 1; !text.empty(); ++number) {
    const std::string_view line = next_line(text);
    const std::size_t first = line.find_first_not_of(" \t");
    if (first == std::string_view::npos || line[first] == '#') continue;
    const auto sample = read_sample(line);
    if (!sample) {
      return base::failed(fmt::format("line {} of it is no sample: {}", number, shown(line)));
    }
    if (sample->name != name || !has_labels(sample->labels, labels)) continue;
    sum += sample->value;
    is_there = true;
  }
  if (!is_there) {
    return base::failed(
        fmt::format("it has no sample of {}{}", name, labels.empty() ? "" : " with these labels"));
  }
  if (!std::isfinite(sum)) return base::failed(fmt::format("its {} is {}", name, sum));
  return sum;
}

base::Result<LogNumbers> numbers_in_log(std::string_view text, const std::string& pattern) {
  constexpr std::size_t kLongestLine = 4096;
  LogNumbers numbers;
  try {
    const boost::regex regex(pattern);
    while (!text.empty()) {
      const std::string line(next_line(text).substr(0, kLongestLine));
      boost::smatch groups;
      if (!boost::regex_search(line, groups, regex)) continue;
      const auto value = regex.mark_count() == 0 ? 1 : number_of(groups[1].str());
      if (!value || !std::isfinite(*value)) {
        return base::failed(fmt::format("\"{}\" is no number, in the line: {}",
                                        shown(groups[1].str()), shown(line)));
      }
      numbers.sum += *value;
      numbers.largest = numbers.lines == 0 ? *value : std::max(numbers.largest, *value);
      ++numbers.lines;
    }
  } catch (const std::exception& error) {  // a search that would take too long
    return base::failed(fmt::format("the pattern cannot be looked for: {}", error.what()));
  }
  return numbers;
}

}  // namespace poolbench::probe
