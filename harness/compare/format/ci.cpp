#include <fmt/format.h>

#include "compare/format/render.h"
#include "report/format/paint.h"

namespace poolbench::compare {
namespace {

std::string xml(std::string_view text) {
  std::string escaped;
  for (const char c : report::printable(text)) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

std::string sentence(const DiffRow& row) {
  std::string text = fmt::format("{} {}: {} → {}", row.cell, metric_label(row),
                                 level_text(row, row.base), level_text(row, row.head));
  if (row.ratio) text += fmt::format(", {} % {}", change_text(row), interval_text(row));
  text += fmt::format(", {}{}", report::word_of(row.verdict), row.strict ? ", strict" : "");
  if (!row.reason.empty()) text += ": " + row.reason;
  return text;
}

/// The element within a test case that says how it ended; empty for passed.
const char* junit_outcome(report::Verdict verdict) {
  if (verdict == report::Verdict::kRegressed) return "failure";
  if (verdict == report::Verdict::kIncomparable) return "error";
  return verdict == report::Verdict::kInconclusive ? "skipped" : "";
}

/// Data of a workflow command; properties must not hold ':' and ',' as they are either.
std::string command_text(std::string_view text, bool property) {
  std::string escaped;
  for (const char c : report::printable(text)) {
    if (c == '%') {
      escaped += "%25";
    } else if (property && c == ':') {
      escaped += "%3A";
    } else if (property && c == ',') {
      escaped += "%2C";
    } else {
      escaped += c;
    }
  }
  return escaped;
}

}  // namespace

std::string to_junit(const Diff& diff) {
  std::string text = fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<testsuites>\n  <testsuite name=\"poolbench diff {}\" tests=\"{}\" failures=\"{}\" "
      "errors=\"{}\" skipped=\"{}\">\n",
      xml(diff.scenario), diff.rows.size(), diff.count(report::Verdict::kRegressed),
      diff.count(report::Verdict::kIncomparable), diff.count(report::Verdict::kInconclusive));
  for (const DiffRow& row : diff.rows) {
    text +=
        fmt::format("    <testcase classname=\"{}\" name=\"{}\"", xml(row.cell), xml(row.metric));
    const std::string outcome = junit_outcome(row.verdict);
    text += outcome.empty() ? "/>\n"
                            : fmt::format(">\n      <{} message=\"{}\"/>\n    </testcase>\n",
                                          outcome, xml(sentence(row)));
  }
  text += "    <system-out>" + xml(verdict_line(diff)) + "\n";
  for (const std::string& remark : remarks(diff)) text += xml(remark) + "\n";
  return text + "    </system-out>\n  </testsuite>\n</testsuites>\n";
}

std::string to_github(const Diff& diff) {
  std::string text;
  for (const DiffRow& row : diff.rows) {
    if (row.verdict == report::Verdict::kNoChange) continue;
    const char* level = "warning";
    if (row.verdict == report::Verdict::kRegressed || row.verdict == report::Verdict::kIncomparable)
      level = "error";
    if (row.verdict == report::Verdict::kImproved) level = "notice";
    text +=
        fmt::format("::{} title={}::{}\n", level,
                    command_text(fmt::format("poolbench: {}", report::word_of(row.verdict)), true),
                    command_text(sentence(row), false));
  }
  text +=
      fmt::format("::notice title=poolbench diff::{}\n", command_text(verdict_line(diff), false));
  for (const std::string& remark : remarks(diff)) {
    text += fmt::format("::notice title=poolbench diff::{}\n", command_text(remark, false));
  }
  return text;
}

}  // namespace poolbench::compare
