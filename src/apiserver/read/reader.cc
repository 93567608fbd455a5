#include "apiserver/read/reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include "apiserver/read/filter.h"
#include "apiserver/read/list_body.h"
#include "apiserver/read/page_token.h"
#include "apiserver/read/stored_text.h"
#include "apiserver/read/watch_body.h"
#include "apiserver/request/refusals.h"
#include "apiserver/table/table.h"
#include "base/strings.h"
#include "json/parse.h"
#include "json/print.h"
#include "json/problem.h"
#include "json/yaml.h"

namespace kthena::apiserver {

namespace {

std::unexpected<kube::Status> version_too_large(Version wanted, Version current) {
  return std::unexpected(kube::Status{
      .status = "Failure",
      .message =
          fmt::format("Timeout: Too large resource version: {}, current: {}", wanted, current),
      .reason = "Timeout",
      .details = kube::StatusDetails{.causes = {{.reason = "ResourceVersionTooLarge",
                                                 .message = "Too large resource version",
                                                 .field = {}}},
                                     .retry_after_seconds = 1},
      .code = 504});
}

/// 0 for none. Errors: 400.
Answer<Version> parse_version(std::string_view text) {
  if (text.empty()) {
    return Version{0};
  }
  const auto version = parse_int<Version>(text);
  if (!version) {
    return bad_request(
        fmt::format("Invalid value: {}: strconv.ParseUint: parsing {}: invalid syntax",
                    json::quoted(text), json::quoted(text)));
  }
  return *version;
}

AppendObject appender_of(const KindPtr& kind, View view, bool item) {
  if (view == View::Partial) {
    return [](std::string& out, const StoredObject& object) { append_partial(out, object.text); };
  }
  if (item) {
    return [kind](std::string& out, const StoredObject& object) {
      append_item(out, *kind, object.text);
    };
  }
  return [kind](std::string& out, const StoredObject& object) {
    append_object(out, *kind, object.text);
  };
}

std::string list_head(const Kind& kind, View view, const Reader::Page& page) {
  std::string head =
      view == View::Partial
          ? R"({"kind":"PartialObjectMetadataList","apiVersion":"meta.k8s.io/v1")"
          : fmt::format(R"({{"kind":"{}","apiVersion":"{}")", kind.list_kind, kind.api_version);
  head += fmt::format(R"(,"metadata":{{"resourceVersion":"{}")", page.version);
  if (!page.continue_token.empty()) {
    head += fmt::format(R"(,"continue":"{}")", page.continue_token);
  }
  if (page.remaining > 0) {
    head += fmt::format(R"(,"remainingItemCount":{})", page.remaining);
  }
  return head + R"(},"items":[)";
}

http::Response stream_answer(std::unique_ptr<http::BodySource> source) {
  http::Response response{.status = 200, .headers = {}, .body = {}, .observer = {}};
  response.headers.add("Content-Type", "application/json");
  response.headers.add("Cache-Control", "no-cache, private");
  response.body = http::Body(std::move(source));
  return response;
}

std::string whole_list(ListBody& body) {
  std::string text;
  for (auto pulled = body.pull(); pulled.kind == http::Pulled::Kind::Data; pulled = body.pull()) {
    text += pulled.data;
  }
  return text;
}

}  // namespace

http::Response text_answer(int status, std::string json, Form form) {
  if (form.syntax == Syntax::Yaml || form.pretty) {
    if (const auto value = json::parse(json)) {
      json = form.syntax == Syntax::Yaml ? json::print_yaml(*value)
                                         : json::print_pretty(*value) + "\n";
    }
  } else if (!json.ends_with('\n')) {
    json += '\n';
  }
  http::Response response = http::text_response(status, form.content_type(), std::move(json));
  response.headers.add("Cache-Control", "no-cache, private");
  return response;
}

http::Response status_answer(const kube::Status& status, Form form) {
  http::Response response =
      text_answer(status.code == 0 ? 200 : status.code, print_status(status), form);
  if (status.details && status.details->retry_after_seconds > 0) {
    response.headers.add("Retry-After", std::to_string(status.details->retry_after_seconds));
  }
  return response;
}

Answer<http::Response> Reader::get(const Kind& kind, const std::string& namespace_name,
                                   const std::string& name, const ReadOptions& options,
                                   Form form) const {
  const Version version = TRY(parse_version(options.resource_version));
  if (version > store_.version()) {
    return version_too_large(version, store_.version());
  }
  const ObjectPtr found =
      store_.find({.resource = kind.resource, .namespace_name = namespace_name, .name = name});
  if (found == nullptr) {
    return refusals::not_found(kind, name);
  }
  std::string text;
  if (form.view == View::Table) {
    const std::string_view object = found->text;
    text = table_text(
        kind, TableOf::Objects, {&object, 1}, {.resource_version = std::to_string(found->version)},
        {.include = TRY(parse_include_object(options.include_object))}, loop_.wall_now());
  } else if (form.view == View::Partial) {
    append_partial(text, found->text);
  } else {
    append_object(text, kind, found->text);
  }
  return text_answer(200, std::move(text), form);
}

Answer<Reader::Page> Reader::select(const Kind& kind, const std::string& namespace_name,
                                    const ReadOptions& options) const {
  const Filter filter = TRY(Filter::create(kind, options.label_selector, options.field_selector));
  ListQuery query{.resource = kind.resource, .namespace_name = namespace_name};
  const Version asked = TRY(parse_version(options.resource_version));
  if (!options.continue_token.empty()) {
    if (asked != 0) {
      return bad_request("specifying resource version is not allowed when using continue");
    }
    PageToken token = TRY(PageToken::parse(options.continue_token));
    query.version = token.version;
    query.after = std::move(token.after);
  } else if (asked > store_.version()) {
    return version_too_large(asked, store_.version());
  } else if (options.match == kube::VersionMatch::Exact ||
             (options.match == kube::VersionMatch::Unset && options.limit > 0 && asked > 0)) {
    query.version = asked;
  }
  auto listed = store_.list(query);
  if (!listed) {
    return refusals::expired(
        options.continue_token.empty()
            ? fmt::format("The resourceVersion for the provided list is too old: {}",
                          listed.error().message())
            : "The provided continue parameter is too old to display a consistent list result. "
              "You can start a new list without the continue parameter.");
  }
  Page page{.objects = {}, .version = listed->version, .continue_token = {}};
  std::size_t seen = 0;
  for (ObjectPtr& object : listed->objects) {
    if (options.limit > 0 && page.objects.size() == options.limit) {
      // Whether a filter lets more through is not known before they are asked for.
      page.remaining = filter.is_empty() ? listed->objects.size() - seen : 0;
      const ObjectPath& last = page.objects.back()->path();
      page.continue_token =
          PageToken{.version = page.version,
                    .after = {.namespace_name = last.namespace_name, .name = last.name}}
              .print();
      break;
    }
    ++seen;
    if (filter.matches(object->text)) {
      page.objects.push_back(std::move(object));
    }
  }
  return page;
}

Answer<http::Response> Reader::list(const KindPtr& kind, const std::string& namespace_name,
                                    const ReadOptions& options, Form form) const {
  return list_of(kind, TRY(select(*kind, namespace_name, options)), options, form);
}

Answer<http::Response> Reader::list_of(const KindPtr& kind, Page page, const ReadOptions& options,
                                       Form form) const {
  if (form.view == View::Table) {
    std::vector<std::string_view> texts;
    texts.reserve(page.objects.size());
    for (const ObjectPtr& object : page.objects) {
      texts.emplace_back(object->text);
    }
    return text_answer(
        200,
        table_text(*kind, TableOf::Objects, texts,
                   {.resource_version = std::to_string(page.version),
                    .continue_token = page.continue_token,
                    .remaining = page.remaining > 0
                                     ? std::optional(static_cast<std::int64_t>(page.remaining))
                                     : std::nullopt},
                   {.include = TRY(parse_include_object(options.include_object))},
                   loop_.wall_now()),
        form);
  }
  auto body = std::make_unique<ListBody>(list_head(*kind, form.view, page), std::move(page.objects),
                                         appender_of(kind, form.view, true));
  if (form.syntax == Syntax::Yaml || form.pretty) {
    return text_answer(200, whole_list(*body), form);
  }
  return stream_answer(std::move(body));
}

Answer<http::Response> Reader::watch(const KindPtr& kind, const std::string& namespace_name,
                                     const ReadOptions& options, Form form) const {
  const Version asked = TRY(parse_version(options.resource_version));
  WatchRequest request{
      .kind = kind,
      .filter = TRY(Filter::create(*kind, options.label_selector, options.field_selector)),
      .bookmarks = options.bookmarks};
  const bool streams_list = options.send_initial_events.value_or(false);
  Version from = asked;
  if (streams_list || (asked == 0 && options.send_initial_events.value_or(true))) {
    if (asked > store_.version()) {
      return version_too_large(asked, store_.version());
    }
    from = store_.version();
    const auto listed = store_.list({.resource = kind->resource, .namespace_name = namespace_name});
    if (!listed) {
      return refusals::expired(listed.error().message());
    }
    std::ranges::copy_if(
        listed->objects, std::back_inserter(request.initial),
        [&](const ObjectPtr& object) { return request.filter.matches(object->text); });
    request.marks_initial_end = streams_list && options.bookmarks;
  } else if (asked == 0) {
    from = store_.version();
  }
  auto subscription = store_.subscribe(kind->resource, namespace_name, from);
  if (!subscription) {
    return refusals::expired(
        fmt::format("too old resource version: {} ({})", asked, subscription.error().message()));
  }
  // kube-apiserver ends watches after half an hour to an hour, so that clients spread anew.
  constexpr std::int64_t kUsual = 3000;
  const std::int64_t seconds = options.timeout_seconds.value_or(0);
  request.ends_at =
      loop_.now() +
      std::chrono::seconds(seconds > 0 ? std::min<std::int64_t>(seconds, 86'400) : kUsual);
  if (form.view == View::Table) {
    request.append = [kind, include = TRY(parse_include_object(options.include_object)),
                      loop = &loop_,
                      columns = true](std::string& out, const StoredObject& object) mutable {
      const std::string_view text = object.text;
      out += table_text(
          *kind, TableOf::Objects, {&text, 1}, {.resource_version = std::to_string(object.version)},
          {.include = include, .columns = std::exchange(columns, false)}, loop->wall_now());
    };
  } else if (form.view == View::Partial) {
    request.append = appender_of(kind, form.view, false);
  }
  return stream_answer(
      std::make_unique<WatchBody>(loop_, *std::move(subscription), std::move(request)));
}

}  // namespace kthena::apiserver
