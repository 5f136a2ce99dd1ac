package dev.maestro.engine;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.maestro.failure.ErrorClass;
import dev.maestro.json.Json;
import dev.maestro.policy.Breaker;
import dev.maestro.policy.ProviderLimits;
import dev.maestro.run.LedgerLine;
import dev.maestro.run.Trouble;
import dev.maestro.store.VersionedRecord;
import dev.maestro.task.Reason;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What is kept of a provider or of one of its models, for one tenant, from launch to launch.
 *
 * @param closedUntil until when its quota is used up, or it wants no more requests; or null
 * @param why the code of that, or null
 * @param opened whether somebody has been launched since: then it is open, but for those who have
 *     waited for it and whose step says for itself when it goes on
 * @param begun when the latest launches began, as far as they still count
 * @param calls what its breaker has seen
 */
record ProviderState(
    @Nullable Instant closedUntil,
    @Nullable Reason why,
    boolean opened,
    List<Instant> begun,
    Breaker.Seen calls) {

  /** Of a provider that nobody has been launched on. */
  static final ProviderState NEW =
      new ProviderState(null, null, false, List.of(), Breaker.Seen.NOTHING);

  /** {@return what it is after a launch has begun now} */
  ProviderState begun(ProviderLimits limit, Instant now) {
    // who is launched when it is over was let through; who was before did not know of it
    return new ProviderState(
        closedUntil,
        why,
        opened || closedUntil != null && !now.isBefore(closedUntil),
        limit.rateLimit().map(rate -> rate.begun(begun, now)).orElse(begun),
        limit.circuit().map(b -> b.begun(calls, now)).orElse(calls));
  }

  /**
   * {@return what it is after a launch has ended}
   *
   * @param isModel whether this is one of its models: what a provider says of its quota holds for
   *     all of them
   * @param end how the launch ended
   */
  ProviderState ended(ProviderLimits limit, boolean isModel, LedgerLine end, Instant now) {
    Trouble trouble = end.trouble();
    ErrorClass error = trouble == null ? null : trouble.errorClass();
    boolean cutOff = end.kind() != LedgerLine.Kind.SETTLED;
    Breaker.Seen seen =
        limit
            .circuit()
            .map(b -> b.ended(calls, now, cutOff ? ErrorClass.CANCELLED : error))
            .orElse(calls);
    return trouble != null && closes(limit, isModel, trouble, now)
        ? new ProviderState(trouble.until(), trouble.reason(), false, begun, seen)
        : new ProviderState(closedUntil, why, opened, begun, seen);
  }

  private boolean closes(ProviderLimits limit, boolean isModel, Trouble trouble, Instant now) {
    Optional<Instant> until = trouble.waitsUntil(now);
    if (until.isEmpty()) {
      return false;
    }
    boolean quota = trouble.reason().equals(Reason.QUOTA_EXHAUSTED) && !isModel;
    boolean tooFast = trouble.reason().equals(Reason.RATE_LIMITED) && limit.rate() != null;
    // somebody has been launched since, so what it said before is over, whatever clocks say
    return (quota || tooFast)
        && (closedUntil == null || opened || closedUntil.isBefore(until.get()));
  }

  /** {@return what another engine has written, with the trials that are under way here} */
  ProviderState after(ProviderState known) {
    Breaker.Seen own = known.calls();
    return Objects.equals(calls.openUntil(), own.openUntil())
        ? new ProviderState(
            closedUntil,
            why,
            opened,
            begun,
            new Breaker.Seen(calls.calls(), calls.openUntil(), own.trying()))
        : this;
  }

  /** {@return what it is when a person says that it takes launches again} */
  ProviderState openAgain() {
    return closedUntil == null ? this : new ProviderState(null, null, false, begun, calls);
  }

  // ------------------------------------------------------------------ JSON

  byte[] write() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    if (closedUntil != null && why != null) {
      json.put("closedUntil", closedUntil.toString()).put("why", why.code());
      if (opened) {
        json.put("opened", true);
      }
    }
    if (!begun.isEmpty()) {
      ArrayNode array = json.putArray("begun");
      begun.forEach(at -> array.add(at.toString()));
    }
    if (!calls.calls().isEmpty()) {
      json.put("calls", calls.calls());
    }
    Instant openUntil = calls.openUntil();
    if (openUntil != null) {
      json.put("openUntil", openUntil.toString());
    }
    return Json.bytes(json);
  }

  /** Trials that were under way when an engine ended are none any more. */
  static ProviderState read(VersionedRecord record) {
    JsonNode json = LedgerJson.read(record);
    try {
      List<Instant> begun = new ArrayList<>();
      json.path("begun").forEach(at -> begun.add(Instant.parse(at.asText())));
      Breaker.Seen calls =
          new Breaker.Seen(json.path("calls").asText(""), instant(json, "openUntil"), 0);
      String why = json.path("why").asText("");
      return new ProviderState(
          instant(json, "closedUntil"),
          why.isEmpty() ? null : Reason.of(why),
          json.path("opened").asBoolean(false),
          begun,
          calls);
    } catch (IllegalArgumentException | DateTimeException e) {
      throw LedgerJson.unreadable(record, e);
    }
  }

  private static @Nullable Instant instant(JsonNode json, String name) {
    return json.hasNonNull(name) ? Instant.parse(json.get(name).asText()) : null;
  }
}
