package dev.maestro.policy;

import dev.maestro.task.Reason;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Lets things be looked up on these hosts only: the requirement M1-21.
 *
 * <p>It reads the addresses that a tool is given, and those in commands; of what {@code curl},
 * {@code git}, {@code ssh} and their like are given, also names without a scheme. A word that only
 * looks like a host, and an address whose host cannot be read, is a doubt, and doubt asks. Asked
 * before a command step and at each use of a tool, in the order in which a step names its
 * guardrails; off unless it is switched on.
 *
 * @param allowed names of hosts, in lower case; {@code *.} at the beginning stands for any name
 *     below
 */
public record HostGuard(List<String> allowed) implements Guardrail {

  /** Its name. */
  public static final String RULE = "hosts";

  /** How an address begins that only looks like one. */
  private static final String GUESSED = "//";

  /** Check the names. */
  public HostGuard {
    allowed = allowed.stream().map(host -> host.strip().toLowerCase(Locale.ROOT)).toList();
    for (String host : allowed) {
      if (!host.matches("(\\*\\.)?[a-z0-9]([a-z0-9.-]*[a-z0-9])?")) {
        throw new IllegalArgumentException("'" + host + "' is no name of a host");
      }
    }
  }

  @Override
  public String rule() {
    return RULE;
  }

  @Override
  public Optional<Finding> check(Subject subject) {
    return subject
        .reach()
        .filter(reach -> !reach.addresses().isEmpty())
        .map(this::of)
        .filter(verdict -> !subject.reach().orElseThrow().runs() || !isProceed(verdict))
        .map(Finding::of);
  }

  /** That an address is allowed does not yet allow the command it stands in. */
  private static boolean isProceed(Verdict verdict) {
    return verdict instanceof Verdict.Proceed;
  }

  private Verdict of(Reach reach) {
    Verdict answer = Verdict.proceed();
    for (String address : reach.addresses()) {
      Optional<String> host = hostOf(address);
      if (host.isPresent() && isAllowed(host.get())) {
        continue;
      }
      if (host.isPresent() && !address.startsWith(GUESSED)) {
        return new Verdict.Refuse(
            Reason.GUARDRAIL_BLOCKED, "the host '" + host.get() + "' is not allowed", false);
      }
      answer =
          new Verdict.Ask(
              Reason.GUARDRAIL_BLOCKED, "May '" + Reach.shortened(address) + "' be looked up?");
    }
    return answer;
  }

  private boolean isAllowed(String host) {
    return allowed.stream()
        .anyMatch(
            name -> name.startsWith("*.") ? host.endsWith(name.substring(1)) : host.equals(name));
  }

  private static String whole(String address) {
    if (address.startsWith(GUESSED)) {
      return "https:" + address;
    }
    return address.contains("://") ? address : "https://" + address;
  }

  private static Optional<String> hostOf(String address) {
    try {
      String host = new URI(whole(address)).getHost();
      return Optional.ofNullable(host).map(name -> name.toLowerCase(Locale.ROOT));
    } catch (URISyntaxException e) {
      return Optional.empty();
    }
  }
}
