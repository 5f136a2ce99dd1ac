package dev.maestro.failure;

import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** The names that providers and models give to errors, and the kinds they stand for. */
final class ErrorNames {

  private static final Map<String, ErrorClass> KINDS = new HashMap<>();

  static {
    name(
        ErrorClass.AUTHENTICATION,
        "invalid_api_key api_key_invalid authentication_error authentication_failed"
            + " permission_error permission_denied oauth_org_not_allowed account_on_hold"
            + " verification_required cloud_credential_error unauthenticated unauthorized"
            + " authenticationerror providerautherror");
    name(
        ErrorClass.QUOTA_EXHAUSTED,
        "insufficient_quota quota_exhausted quota_exceeded usage_limit_reached usage_not_included"
            + " billing_error billing_hard_limit_reached out_of_credits terminalquotaerror");
    name(
        ErrorClass.RATE_LIMITED,
        "rate_limit rate_limited rate_limit_error rate_limit_exceeded too_many_requests"
            + " resource_exhausted retryablequotaerror ratelimiterror");
    name(
        ErrorClass.CONTEXT_OVERFLOW,
        "context_length_exceeded context_window_exceeded contextoverflowerror request_too_large");
    name(
        ErrorClass.REFUSED,
        "content_filter content_policy_violation refusal prohibited_content safety");
    name(
        ErrorClass.TRANSIENT,
        "overloaded overloaded_error api_error server_error server_is_overloaded internal_error"
            + " internal_server_error unavailable service_unavailable deadline_exceeded timeout"
            + " econnreset econnrefused etimedout enotfound eai_again epipe");
    name(ErrorClass.CANCELLED, "aborterror messageabortederror aborted cancelled canceled");
    name(ErrorClass.PERMANENT, "model_not_found not_found_error");
  }

  private ErrorNames() {}

  private static void name(ErrorClass kind, String names) {
    Arrays.stream(names.split(" ")).forEach(name -> KINDS.put(name, kind));
  }

  /** {@return what the names say; where they disagree, what comes first among the kinds} */
  static Optional<ErrorClass> kindOf(Collection<String> names) {
    return names.stream()
        .map(name -> KINDS.get(name.strip().toLowerCase(Locale.ROOT)))
        .filter(Objects::nonNull)
        .min(Comparator.naturalOrder());
  }
}
