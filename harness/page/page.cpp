#include "page/page.h"

#include <fmt/format.h>

#include <kainjow/mustache.hpp>

#include "base/file.h"
#include "base/text.h"
#include "page/template.h"
#include "page/view.h"

namespace poolbench::page {
namespace {

constexpr std::string_view kPageTemplate = "report.mustache", kStyle = "style.css",
                           kScript = "script.js";

std::string_view file_named(std::string_view name) {
  for (const TemplateFile& file : template_files()) {
    if (file.name == name) return file.text;
  }
  return {};
}

/// Each template is a partial of the others, by its name without the ending. Data that have the
/// same name would hide it.
void add_partials(View& page) {
  constexpr std::string_view kEnding = ".mustache";
  for (const TemplateFile& file : template_files()) {
    if (!file.name.ends_with(kEnding)) continue;
    const std::string name(file.name.substr(0, file.name.size() - kEnding.size()));
    page.set(name, View(kainjow::mustache::partial{[&file] { return std::string(file.text); }}));
  }
}

/// As a content security policy names what it allows.
std::string policy_hash(std::string_view text) {
  const std::string digits = base::sha256_hex(text);
  std::string bytes;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
    const auto value = [&](std::size_t place) {
      const char digit = digits[place];
      return digit <= '9' ? digit - '0' : digit - 'a' + 10;
    };
    bytes += static_cast<char>(value(i) * 16 + value(i + 1));
  }
  return "sha256-" + base::to_base64(bytes);
}

View report_view(const ReportFile& file, std::size_t index, bool is_one_of_several) {
  const Source source(file.report);
  View view;
  // Headings and names of places of a report among others lie a level lower.
  view.set("h1", is_one_of_several ? "2" : "1");
  view.set("h2", is_one_of_several ? "3" : "2");
  view.set("id", is_one_of_several ? fmt::format("r{}-", index + 1) : std::string());
  view.set("is_one_of_several", is_one_of_several);
  view.set("place", std::to_string(index + 1));
  view.set("file", base::printable(file.file));
  view.set("has_cells", !file.report.cells.empty());
  view.set("is_many", file.report.cells.size() > kMostInGroup);
  add_header(view, source);
  add_notes(view, source);
  add_cells(view, source);
  add_endpoints(view, source);
  add_comparisons(view, source);
  add_time(view, source);
  add_budget(view, source);
  add_hypotheses(view, source);
  add_latency(view, source);
  add_series(view, source);
  add_setup(view, source);
  return view;
}

}  // namespace

std::string to_html(const std::vector<ReportFile>& reports) {
  const bool are_several = reports.size() > 1;
  Views views;
  for (const ReportFile& report : reports) {
    views.push_back(report_view(report, views.size(), are_several));
  }
  View page;
  add_partials(page);
  page.set("style", std::string(file_named(kStyle)));
  page.set("script", std::string(file_named(kScript)));
  page.set("style_hash", policy_hash(file_named(kStyle)));
  page.set("script_hash", policy_hash(file_named(kScript)));
  page.set("are_several", are_several);
  page.set("number", std::to_string(reports.size()));
  page.set("reports", View(views));
  kainjow::mustache::mustache whole{std::string(file_named(kPageTemplate))};
  return whole.render(page);
}

std::filesystem::path page_beside(const std::filesystem::path& report_file) {
  return std::filesystem::path(report_file).replace_filename("report.html");
}

}  // namespace poolbench::page
