#include "init/application.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <sstream>

#include "base/json.h"
#include "init/kinds.h"

namespace poolbench::init {
namespace fs = std::filesystem;
namespace {

/// In the order in which they are tried: the more special first.
constexpr auto kKinds = std::to_array<std::optional<Application> (*)(const Sources&)>(
    {as_django, as_fastapi, as_wsgi, as_node, as_go, as_procfile});

/// A command that a shell would read, as words; through a shell where it needs one.
std::vector<std::string> words_of(const std::string& command) {
  if (command.find_first_of("&|;<>$\"'`\\*?()=") != std::string::npos) {
    const bool is_one = command.find_first_of("&|;") == std::string::npos;
    return {"sh", "-c", (is_one ? "exec " : "") + command};
  }
  std::istringstream stream(command);
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

std::string kind_of_node(const base::Json& package) {
  const base::Json dependencies = package.value("dependencies", base::Json::object());
  constexpr std::array<std::array<const char*, 2>, 5> kFrameworks{{{"express", "Express"},
                                                                   {"fastify", "Fastify"},
                                                                   {"koa", "Koa"},
                                                                   {"next", "Next.js"},
                                                                   {"hono", "Hono"}}};
  for (const auto& [dependency, name] : kFrameworks) {
    if (dependencies.is_object() && dependencies.contains(dependency)) return name;
  }
  return "Node.js";
}

std::string text_in(const base::Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

/// Installs what the lock file names: into poolbench's cache where a variable can lead Node.js
/// there, which its import statements do not heed; else in the application's folder.
void prepare_node(Application& application, const base::Json& package) {
  const std::string program = application.command.empty() ? "" : application.command.back();
  const bool is_common_js = application.command.size() == 2 &&
                            application.command.front() == "node" && program.ends_with("js") &&
                            !program.ends_with(".mjs") && text_in(package, "type") != "module";
  application.prepare_inputs = {"package-lock.json"};
  if (!is_common_js) {
    application.prepare_command = {"npm", "ci"};
    return;
  }
  application.prepare_inputs.emplace_back("package.json");
  application.prepare_command = {
      "sh", "-c", "cp package.json package-lock.json {prepared} && npm ci --prefix {prepared}"};
  application.environment["NODE_PATH"] = "{prepared}/node_modules";
}

/// The folder of the package main: that of main.go, or of the only command below cmd/.
std::optional<fs::path> main_package(const Sources& sources) {
  const std::regex package_main(R"(^package (main)\b)");
  const auto found = sources.find_all(package_main, ".go");
  if (found.empty()) return std::nullopt;
  const auto outermost = std::ranges::min_element(found, {}, [](const Found& each) {
    return std::distance(each.file.begin(), each.file.end());
  });
  return outermost->file.parent_path();
}

/// The files and folders from which Go builds.
std::vector<std::string> go_inputs(const Sources& sources) {
  std::vector<std::string> inputs;
  for (const char* name : {"go.mod", "go.sum"}) {
    if (sources.has(name)) inputs.emplace_back(name);
  }
  for (const fs::path& file : sources.named(".go")) {
    std::string outermost = file.begin()->string();
    if (std::ranges::find(inputs, outermost) == inputs.end()) inputs.push_back(outermost);
  }
  return inputs;
}

/// The flags by which a Go program learns its address.
std::vector<std::string> listening_flags(const Sources& sources) {
  const std::regex address(R"re(flag\.String(?:Var)?\(.*"(addr|address|listen|bind|http)"\s*,)re");
  if (const auto found = sources.find(address, ".go")) {
    return {"-" + found->groups.front(), "{host}:{port}"};
  }
  const std::regex port(R"re(flag\.(?:Int|String)(?:Var)?\(.*"(port)"\s*,)re");
  if (const auto found = sources.find(port, ".go")) return {"-port", "{port}"};
  return {};
}

/// Files of SQL that make tables and rows, after what a framework makes.
void add_sql_files(Application& application, const Sources& sources) {
  for (const char* name : {"schema.sql", "seed.sql"}) {
    if (!sources.has(name)) continue;
    application.data_inputs.emplace_back(name);
    application.data_commands.push_back(
        {"psql", "--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1", "--file", name});
    application.makes_rows = true;
  }
}

}  // namespace

std::optional<Application> as_node(const Sources& sources) {
  if (!sources.has("package.json")) return std::nullopt;
  const base::Json package = base::parse_json(sources.text_of("package.json"));
  if (!package.is_object()) return std::nullopt;
  Application application;
  application.kind = kind_of_node(package);
  application.seen = {"package.json"};
  const auto scripts = package.find("scripts");
  const bool has_scripts = scripts != package.end() && scripts->is_object();
  const std::string start = has_scripts ? text_in(*scripts, "start") : std::string();
  const std::string main = text_in(package, "main");
  if (start.starts_with("node ")) {
    application.command = words_of(start);
  } else if (!start.empty()) {
    application.command = {"npm", "start"};
  } else if (!main.empty()) {
    application.command = {"node", main};
  }
  if (sources.has("package-lock.json") && !sources.has("node_modules")) {
    prepare_node(application, package);
  }
  application.environment["NODE_ENV"] = "production";
  add_environment(application, sources);
  add_routes(application, sources);
  return application;
}

std::optional<Application> as_go(const Sources& sources) {
  if (!sources.has("go.mod")) return std::nullopt;
  const auto package = main_package(sources);
  if (!package) return std::nullopt;
  Application application;
  application.kind = "Go";
  application.seen = {"go.mod", (*package / "*.go").string()};
  application.prepare_inputs = go_inputs(sources);
  application.prepare_command = {"go", "build", "-o", "{prepared}/server",
                                 "./" + package->generic_string()};
  application.command = {"{prepared}/server"};
  const auto flags = listening_flags(sources);
  application.command.insert(application.command.end(), flags.begin(), flags.end());
  application.knows_port = !flags.empty();
  add_environment(application, sources);
  add_routes(application, sources);
  return application;
}

std::optional<Application> as_procfile(const Sources& sources) {
  std::istringstream lines(sources.text_of("Procfile"));
  std::string line;
  while (std::getline(lines, line)) {
    if (!line.starts_with("web:")) continue;
    Application application;
    application.kind = "Procfile";
    application.seen = {"Procfile"};
    const std::size_t begin = line.find_first_not_of(" \t", 4);
    if (begin == std::string::npos) return std::nullopt;
    application.command = words_of(line.substr(begin));
    application.environment["PORT"] = "{port}";  // what the format promises
    add_environment(application, sources);
    add_routes(application, sources);
    return application;
  }
  return std::nullopt;
}

Application look_at_application(const fs::path& folder) {
  const Sources sources(folder);
  for (const auto kind : kKinds) {
    auto application = kind(sources);
    if (!application) continue;
    add_sql_files(*application, sources);
    return std::move(*application);
  }
  Application unknown;
  add_sql_files(unknown, sources);
  add_environment(unknown, sources);
  add_routes(unknown, sources);
  return unknown;
}

}  // namespace poolbench::init
