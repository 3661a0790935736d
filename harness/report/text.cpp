#include "report/text.h"

#include <fmt/format.h>

#include <algorithm>

#include "report/metric.h"
#include "report/paint.h"

namespace poolbench::report {

std::string to_text(const Report& report, const TextStyle& style) {
  std::string text;
  for (const auto part : {header_text, cells_text, comparisons_text, generators_text,
                          hypotheses_text, published_text, notes_text}) {
    const std::string section = part(report, style);
    if (!text.empty() && !section.empty()) text += '\n';
    text += section;
  }
  return text;
}

Table::Cell verdict_cell(Verdict verdict) {
  switch (verdict) {
    case Verdict::kImproved:
      return {"✓ improved", Colour::kGreen};
    case Verdict::kRegressed:
      return {"✗ regressed", Colour::kRed};
    case Verdict::kNoChange:
      return {"= no change", Colour::kPlain};
    case Verdict::kInconclusive:
      return {"? inconclusive", Colour::kYellow};
    case Verdict::kIncomparable:
      break;
  }
  return {"≠ incomparable", Colour::kYellow};
}

std::string half_width_text(double estimate, double low, double high) {
  const double half = std::max(high - estimate, estimate - low);
  return fmt::format("±{:.1f} %", 100 * half / estimate);
}

std::string value_text(const base::Json& value) {
  return printable(value.is_string() ? value.get<std::string>() : base::json_dump(value));
}

std::string join_parts(const std::vector<std::string>& parts) {
  std::string joined;
  for (const std::string& part : parts) {
    if (part.empty()) continue;
    if (!joined.empty()) joined += " · ";
    joined += part;
  }
  return joined;
}

const CellReport* find_cell(const Report& report, const std::string& id) {
  for (const CellReport& cell : report.cells) {
    if (cell.id == id) return &cell;
  }
  return nullptr;
}

namespace {

using base::Json;

Table::Row row_of(const Measurement& m, const Json& tags) {
  const auto text = [&](std::string_view key) {
    return printable(look_up<std::string>(tags, {key}).value_or("?"));
  };
  const auto is = [&](std::string_view key) { return look_up<bool>(tags, {key}).value_or(false); };
  const auto resolution = look_up<double>(tags, {"resolution_us"});
  std::string errors = is("errors_in_latency") ? "included" : "left out";
  if (const auto cap = look_up<double>(tags, {"sample_cap"})) {
    errors += fmt::format(", {:.0f} samples at most", *cap);
  }
  return {{printable(m.generator + " " + m.generator_version)},
          {is("includes_connect") ? "included" : "left out"},
          {text("coordinated_omission")},
          {resolution ? format_number(*resolution) : "?"},
          {errors},
          {text("checks")}};
}

}  // namespace

std::string generators_text(const Report& report, const TextStyle& style) {
  using enum Table::Align;
  Table table({kLeft, kLeft, kLeft, kRight, kLeft, kLeft});
  Table::Row titles;
  for (const char* title : {"", "connecting", "waits behind a stall", "to µs", "failed requests",
                            "checked of an answer"}) {
    titles.push_back({title, Colour::kDim});
  }
  table.add(std::move(titles));
  std::vector<std::string> seen;
  for (const CellReport& cell : report.cells) {
    for (const Trial& trial : cell.trials) {
      if (!trial.measurement) continue;
      const Measurement& m = *trial.measurement;
      const auto tags = m.details.is_object() ? m.details.find("tags") : m.details.end();
      if (tags == m.details.end()) continue;
      if (std::find(seen.begin(), seen.end(), m.generator) != seen.end()) continue;
      seen.push_back(m.generator);
      table.add(row_of(m, *tags));
    }
  }
  if (seen.size() < 2) return {};
  return fmt::format(
      "{}  {}\n{}", paint("Generators", Colour::kBold, style.colour),
      paint("what their latencies hold: compare them only where these agree, and no finer than the "
            "coarser resolution",
            Colour::kDim, style.colour),
      table.to_text(style.colour, 2));
}

}  // namespace poolbench::report
