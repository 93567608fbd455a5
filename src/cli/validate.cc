#include "cli/validate.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <ostream>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/result.h"
#include "cli/streams.h"
#include "cli/validate_files.h"
#include "json/print.h"
#include "json/problem.h"
#include "json/value.h"
#include "kube/meta/manifest.h"

namespace kthena::cli {

namespace {

constexpr std::string_view kHelp =
    "kthena validate - checks files of manifests without a cluster\n"
    "\n"
    "Usage: kthena validate [--strict] [-o text|json] FILE…\n"
    "\n"
    "  FILE          a file of YAML or JSON, a directory (its *.yaml, *.yml and *.json at any\n"
    "                depth, but none that begins with a dot), or - for the standard input\n"
    "  --strict      warnings count as errors\n"
    "  -o, --output  text (the default) for people, json for editors\n"
    "  -h, --help    shows this\n"
    "\n"
    "An error is what a cluster would refuse, a warning what it takes and what most likely is not\n"
    "meant. Built-in kinds of Kubernetes pass; kinds that are not known here are a warning.\n"
    "\n"
    "Exit status: 0 nothing is wrong; 1 there is an error, or with --strict a warning; 2 an\n"
    "argument is wrong or a file cannot be read.\n";

enum class Output : std::uint8_t { Text, Json };

struct Options {
  bool strict = false;
  bool help = false;
  Output output = Output::Text;
  std::vector<std::string_view> paths;
};

class ArgumentParser {
 public:
  explicit ArgumentParser(std::span<const std::string_view> arguments) : rest_(arguments) {}

  Result<Options> run() {
    while (!rest_.empty()) {
      const std::string_view argument = rest_.front();
      rest_ = rest_.subspan(1);
      if (argument.empty()) {
        return wrong("the name of a file is empty");
      }
      if (only_paths_ || argument == "-" || !argument.starts_with('-')) {
        options_.paths.push_back(argument);
      } else if (argument == "--") {
        only_paths_ = true;
      } else {
        TRY(flag(argument));
      }
    }
    if (options_.paths.empty() && !options_.help) {
      return wrong("no file is given");
    }
    return std::move(options_);
  }

 private:
  static std::unexpected<Error> wrong(std::string message) {
    return fail(ErrorCode::InvalidArgument, std::move(message));
  }

  Result<void> flag(std::string_view argument) {
    std::string_view name = argument;
    std::optional<std::string_view> value;
    if (const std::size_t equals = argument.find('='); equals != std::string_view::npos) {
      name = argument.substr(0, equals);
      value = argument.substr(equals + 1);
    } else if (argument.starts_with("-o") && argument.size() > 2) {
      name = "-o";
      value = argument.substr(2);
    }
    if (name == "-o" || name == "--output") {
      return output(name, value);
    }
    if (value) {
      return wrong(fmt::format("unknown flag {}", argument));
    }
    if (name == "--strict") {
      options_.strict = true;
    } else if (name == "-h" || name == "--help") {
      options_.help = true;
    } else {
      return wrong(fmt::format("unknown flag {}", argument));
    }
    return {};
  }

  Result<void> output(std::string_view name, std::optional<std::string_view> value) {
    if (!value) {
      if (rest_.empty()) {
        return wrong(fmt::format("{} needs a value: text or json", name));
      }
      value = rest_.front();
      rest_ = rest_.subspan(1);
    }
    if (*value != "text" && *value != "json") {
      return wrong(fmt::format("{} is text or json, not '{}'", name, *value));
    }
    options_.output = *value == "json" ? Output::Json : Output::Text;
    return {};
  }

  std::span<const std::string_view> rest_;
  bool only_paths_ = false;
  Options options_;
};

/// What to do about a finding; empty where its text says so itself.
std::string_view advice_for(const json::Problem& problem) {
  using Kind = json::Problem::Kind;
  switch (problem.kind) {
    case Kind::Required:
      return "add the field";
    case Kind::UnknownField:
      return "correct the field's name, or remove it: a cluster drops it";
    case Kind::WrongType:
      return "write a value of that type; texts that look like numbers need quotes";
    case Kind::NotSupported:
      return "use one of the supported values";
    case Kind::Duplicate:
      return "remove one of the two";
    case Kind::TooLong:
    case Kind::TooMany:
      return "shorten it";
    case Kind::Forbidden:
      return "remove the field";
    case Kind::NotFound:
      return "correct the name, or add the object to the files";
    case Kind::Invalid:
    case Kind::Deprecated:
      return {};
  }
  return {};
}

std::string counted(std::size_t count, std::string_view one) {
  return fmt::format("{} {}{}", count, one, count == 1 ? "" : "s");
}

struct Totals {
  std::size_t errors = 0;
  std::size_t warnings = 0;
};

Totals totals_of(const ValidationReport& report) {
  const auto errors = static_cast<std::size_t>(std::ranges::count_if(
      report.findings, [](const kube::ManifestProblem& finding) { return finding.is_error(); }));
  return {.errors = errors, .warnings = report.findings.size() - errors};
}

void print_text(const ValidationReport& report, std::ostream& out) {
  for (const kube::ManifestProblem& finding : report.findings) {
    const std::string place =
        finding.line == 0 ? finding.file : fmt::format("{}:{}", finding.file, finding.line);
    out << fmt::format("{}: {}{}\n", place,
                       finding.is_error() ? "" : "warning: ", finding.problem.to_string());
    if (const std::string_view advice = advice_for(finding.problem); !advice.empty()) {
      out << fmt::format("    {}\n", advice);
    }
  }
  const Totals totals = totals_of(report);
  const std::string unchecked =
      report.unchecked == 0 ? "" : fmt::format(" ({} not checked)", report.unchecked);
  out << fmt::format("{}, {}{}: {}, {}\n", counted(report.files, "file"),
                     counted(report.objects, "object"), unchecked, counted(totals.errors, "error"),
                     counted(totals.warnings, "warning"));
}

json::Value finding_value(const kube::ManifestProblem& finding) {
  json::Object object{{"file", finding.file},
                      {"line", finding.line},
                      {"severity", finding.is_error() ? "error" : "warning"},
                      {"path", finding.problem.path},
                      {"message", finding.problem.message}};
  if (const std::string_view advice = advice_for(finding.problem); !advice.empty()) {
    object.set("advice", advice);
  }
  return object;
}

void print_json(const ValidationReport& report, std::ostream& out) {
  json::Array findings;
  for (const kube::ManifestProblem& finding : report.findings) {
    findings.push_back(finding_value(finding));
  }
  json::Array unreadable;
  for (const std::string& one : report.unreadable) {
    unreadable.push_back(one);
  }
  const Totals totals = totals_of(report);
  out << json::print(json::Object{{"files", report.files},
                                  {"objects", report.objects},
                                  {"unchecked", report.unchecked},
                                  {"errors", totals.errors},
                                  {"warnings", totals.warnings},
                                  {"findings", std::move(findings)},
                                  {"unreadable", std::move(unreadable)}})
      << "\n";
}

}  // namespace

int run_validate(std::span<const std::string_view> arguments, const Streams& streams) {
  const auto options = ArgumentParser(arguments).run();
  if (!options) {
    streams.err << fmt::format("kthena validate: {}; --help tells more\n",
                               options.error().message());
    return kMisuse;
  }
  if (options->help) {
    streams.out << kHelp;
    return kGood;
  }
  const ValidationReport report = validate_files(options->paths, streams.in);
  if (options->output == Output::Json) {
    print_json(report, streams.out);
  } else {
    print_text(report, streams.out);
  }
  for (const std::string& one : report.unreadable) {
    streams.err << fmt::format("kthena validate: {}\n", one);
  }
  const Totals totals = totals_of(report);
  if (!report.unreadable.empty()) {
    return kMisuse;
  }
  return totals.errors > 0 || (options->strict && totals.warnings > 0) ? kFindings : kGood;
}

}  // namespace kthena::cli
