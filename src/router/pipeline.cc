#include "router/pipeline.h"

#include <exception>
#include <optional>

#include "base/strings.h"
#include "http/fields.h"
#include "json/print.h"
#include "router/routing/match.h"
#include "router/scheduling/least_request.h"
#include "telemetry/log.h"

namespace kthena::router {

async::Task<http::Response> Pipeline::handle(http::Request& request) {
  std::unique_ptr<Call> call = begin(request);
  std::optional<Stage<http::Response>> result;
  // We throw nothing. What does all the same, as when memory is out, ends this one call.
  try {
    result.emplace(co_await run(*call));
  } catch (const std::exception& thrown) {
    log::error("a call threw an exception", kv("request_id", call->request_id),
               kv("reason", thrown.what()));
  } catch (...) {
    log::error("a call threw an exception", kv("request_id", call->request_id));
  }
  if (!result) {
    result.emplace(reject(500, "internal_error", "internal_error", "internal error"));
  }
  co_return finish(std::move(call), *std::move(result));
}

async::Task<Stage<http::Response>> Pipeline::run(Call& call) {
  CO_TRY(co_await intake_.read(call));
  call.timings.read = loop_.now();
  call.world = snapshots_.get();  // one view; taken again after any wait
  recorder_.identified(call);
  CO_TRY(routing::match(call, random_));
  CO_TRY(scheduling::place(call, loop_.now()));
  recorder_.placed(call);
  co_return co_await connector_.forward(call);
}

std::unique_ptr<Call> Pipeline::begin(http::Request& request) {
  auto call = std::make_unique<Call>(request);
  call->started = loop_.wall_now();
  call->timings.start = loop_.now();
  if (const auto id = request.headers.find("x-request-id"); id && !id->empty()) {
    call->request_id = *id;
  } else {
    call->request_id = uuid_v4(random_);
  }
  recorder_.begin(*call);
  return call;
}

http::Response Pipeline::finish(std::unique_ptr<Call> call, Stage<http::Response> result) {
  http::Response response;
  if (result) {
    response = *std::move(result);
  } else {
    const Rejection& rejection = result.error();
    response = error_response(call->request.path(), rejection);
    call->outcome.reason = rejection.reason;
    call->outcome.log_type = rejection.log_type;
    call->outcome.log_message = rejection.message;
  }
  call->outcome.status = response.status;
  response.headers.set("x-request-id", call->request_id);
  response.observer = std::make_unique<CallEnd>(recorder_, std::move(call), loop_);
  return response;
}

http::Response Pipeline::refuse(int status, std::string_view message) {
  recorder_.refused(status, message, loop_.wall_now());
  return error_response("", {.status = status,
                             .reason = "request_parsing",
                             .log_type = "request_parsing",
                             .message = std::string(message),
                             .retry_after = {}});
}

http::Response Pipeline::turn_away(http::Request& request) {
  auto rejection = reject(503, "pod_discovery", "pod_discovery",
                          "the router is starting: it does not know the cluster's objects yet");
  rejection.error().retry_after = std::chrono::seconds(1);
  return finish(begin(request), std::move(rejection));
}

http::Response Pipeline::list_models(http::Request& request) {
  std::unique_ptr<Call> call = begin(request);
  call->listing = true;
  call->world = snapshots_.get();
  const auto entry = [](std::string_view name) {
    return json::Object{{"id", name}, {"object", "model"}, {"created", 0}, {"owned_by", "kthena"}};
  };
  constexpr std::string_view kPrefix = "/v1/models/";
  if (request.path().starts_with(kPrefix)) {
    // Names may have a slash in them, which clients send as it is or escaped.
    const std::string_view written = request.path().substr(kPrefix.size());
    const std::string name = percent_decode(written).value_or(std::string(written));
    if (!call->world->knows_model(name)) {
      return finish(std::move(call),
                    reject(404, "route_not_found", "route_not_found",
                           "route not found: no ModelRoute serves model '" + name + "'"));
    }
    return finish(std::move(call), http::text_response(200, "application/json; charset=utf-8",
                                                       json::print(entry(name))));
  }
  json::Array data;
  for (const std::string_view name : call->world->model_names()) {
    data.emplace_back(entry(name));
  }
  const json::Object list{{"object", "list"}, {"data", std::move(data)}};
  return finish(std::move(call),
                http::text_response(200, "application/json; charset=utf-8", json::print(list)));
}

}  // namespace kthena::router
