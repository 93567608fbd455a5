#include "apiserver/protobuf/read_protobuf.h"

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <utility>

#include "apiserver/built_in/structs.h"
#include "apiserver/patch/failure.h"
#include "apiserver/protobuf/decode.h"
#include "apiserver/protobuf/messages.h"
#include "apiserver/protobuf/scalars.h"
#include "apiserver/protobuf/wire.h"
#include "base/error.h"
#include "base/result.h"
#include "http/fields.h"
#include "json/value.h"
#include "kube/meta/status.h"
#include "kube/shapes/shape.h"

namespace kthena::apiserver {

namespace {

using namespace std::string_view_literals;

constexpr std::string_view kMagic = "k8s\0"sv;

/// runtime.Unknown, but for the encoding and type of the content, which Kubernetes does not set.
struct Envelope {
  std::string api_version;
  std::string kind;
  std::string_view object;
};

std::unexpected<Error> wrong_wire_type(const WireField& field) {
  return fail(ErrorCode::InvalidArgument,
              fmt::format("proto: wrong wireType = {} for field {}",
                          static_cast<unsigned>(field.type), field.number));
}

Result<void> read_type_meta(std::string_view message, Envelope& envelope) {
  WireReader reader(message);
  while (const auto field = TRY(reader.next())) {
    if (field->number > 2) {
      continue;
    }
    if (field->type != WireType::Length) {
      return wrong_wire_type(*field);
    }
    (field->number == 1 ? envelope.api_version : envelope.kind) = shown_text(field->bytes);
  }
  return {};
}

Result<Envelope> read_envelope(std::string_view message) {
  Envelope envelope;
  WireReader reader(message);
  while (const auto field = TRY(reader.next())) {
    if (field->number > 4) {
      continue;
    }
    if (field->type != WireType::Length) {
      return wrong_wire_type(*field);
    }
    if (field->number == 1) {
      TRY(read_type_meta(field->bytes, envelope));
    } else if (field->number == 2) {
      envelope.object = field->bytes;
    }
  }
  return envelope;
}

const kube::shapes::Type* type_of(const Envelope& envelope) {
  if (envelope.kind == "DeleteOptions") {  // of the version of what is deleted
    return kube::shapes::find_type("DeleteOptions");
  }
  return kube::shapes::find_kind(envelope.api_version, envelope.kind);
}

/// What kube-apiserver says of protobuf where it has JSON only: of custom resources.
std::unexpected<kube::Status> unknown_kind() {
  return std::unexpected(kube::Status{
      .status = "Failure",
      .message = "the body of the request was in an unknown format - accepted media types include: "
                 "application/json, application/yaml",
      .reason = "UnsupportedMediaType",
      .details = {},
      .code = 415});
}

/// "apps/v1" is v1.
std::string_view version_of(std::string_view api_version) {
  return api_version.substr(api_version.rfind('/') + 1);
}

}  // namespace

bool is_protobuf(std::string_view content_type) {
  return http::is_media_type(content_type, kProtobufMediaType);
}

Answer<json::Value> read_protobuf(std::string_view body) {
  if (!body.starts_with(kMagic)) {
    return bad_request(
        "the body of the request is no protobuf: it does not begin with k8s and a zero byte");
  }
  auto envelope = read_envelope(body.substr(kMagic.size()));
  if (!envelope) {
    return bad_request(
        fmt::format("the body of the request is no protobuf: {}", envelope.error().message()));
  }
  if (envelope->kind.empty() || envelope->api_version.empty()) {
    return bad_request(fmt::format("Object '{}' is missing in the protobuf of the request",
                                   envelope->kind.empty() ? "Kind" : "apiVersion"));
  }
  const kube::shapes::Type* type = type_of(*envelope);
  if (type == nullptr) {
    return unknown_kind();
  }
  auto object = MessageDecoder().read(message_of(type->name), envelope->object);
  if (!object) {
    if (object.error().code() == ErrorCode::TooLarge) {
      return too_large(object.error().message());
    }
    return bad_request(fmt::format("{0} in version \"{1}\" cannot be handled as a {0}: {2}",
                                   envelope->kind, version_of(envelope->api_version),
                                   object.error().message()));
  }
  object->set("kind", std::move(envelope->kind));
  object->set("apiVersion", std::move(envelope->api_version));
  as_printed(*type, *object);
  return *std::move(object);
}

}  // namespace kthena::apiserver
