#include "router/intake/intake.h"

#include <algorithm>

#include "json/tokens.h"
#include "llm/prompt_size.h"

namespace kthena::router {
namespace {

std::unexpected<Rejection> bad_request(int status, std::string message) {
  return reject(status, "request_parsing", "request_parsing", std::move(message));
}

int status_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::TooLarge:
      return 413;
    case ErrorCode::DeadlineExceeded:
      return 408;
    case ErrorCode::Unavailable:
      return 503;
    case ErrorCode::Cancelled:
    case ErrorCode::Disconnected:
      return 499;
    default:
      return 400;
  }
}

/// Measures the prompt while the body is scanned.
class PromptReader final : public json::FieldVisitor {
 public:
  bool visit(std::size_t field, json::TokenWalker& walker) override {
    switch (field) {
      case BodyScan::Prompt:
        return meter_.take_prompt(walker);
      case BodyScan::Messages:
        return meter_.take_messages(walker);
      case BodyScan::System:
        return meter_.take_system(walker);
      case BodyScan::Input:
        return meter_.take_input(walker);
      case BodyScan::Instructions:
        return meter_.take_instructions(walker);
      default:
        return walker.skip_value();
    }
  }
  std::uint64_t tokens() const noexcept { return meter_.tokens(); }

 private:
  llm::PromptMeter meter_;
};

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

}  // namespace

async::Task<Stage<>> Intake::read(Call& call) {
  auto body = co_await http::read_buffer(call.request.body, options_.max_body_bytes, &budget_,
                                         options_.body_timeout);
  if (!body) {
    auto rejection = bad_request(status_of(body.error().code()), body.error().message());
    if (rejection.error().status == 503) {
      rejection.error().retry_after = std::chrono::seconds(1);
    } else if (rejection.error().status == 499) {
      rejection.error().reason = rejection.error().log_type = "client_cancelled";
    }
    co_return rejection;
  }
  call.request.body = {};  // all read: a long stream need not hold it
  call.body = std::make_unique<ReadBody>(ReadBody{.bytes = *std::move(body)});
  co_return scan(call);
}

Stage<> Intake::scan(Call& call) const {
  const std::string_view text = call.body->bytes.view();
  if (text.empty() && call.request.method != http::Method::Post) {
    return bad_request(400, "unexpected EOF: the request has no body; POST a JSON object");
  }
  BodyScan& scan = call.body->scan;
  PromptReader prompt;
  const auto object = json::scan_object(text, BodyScan::kNames, scan.fields, &prompt);
  if (!object) {
    return bad_request(400, object.error().message());
  }
  scan.object = *object;
  for (const auto name : {BodyScan::Model, BodyScan::Stream, BodyScan::StreamOptions}) {
    if (scan[name].repeated()) {
      return bad_request(400,
                         "the field '" + std::string(BodyScan::kNames[name]) + "' is there twice");
    }
  }
  const json::RawField& model = scan[BodyScan::Model];
  if (model.present() && model.type == json::Type::String) {
    std::string scratch;
    const auto name = json::read_string(model.in(text), scratch);
    if (!name) {
      return bad_request(400, "model: " + name.error().message());
    }
    call.model = *name;
  }
  if (is_blank(call.model)) {
    return bad_request(404,
                       "model not found: the field 'model' must be a string that is not empty");
  }
  call.stream = scan[BodyScan::Stream].present() && scan[BodyScan::Stream].in(text) == "true";
  const json::RawField& options = scan[BodyScan::StreamOptions];
  if (call.stream && options.present() && options.type == json::Type::Object) {
    const std::string_view raw = options.in(text);
    const auto include_usage = json::find_field(raw, "include_usage");
    call.wants_usage = include_usage && include_usage->in(raw) == "true";
  }
  call.input_tokens = prompt.tokens();
  return {};
}

}  // namespace kthena::router
