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
 * <p>It reads the addresses that a tool is given, and those in commands: with any scheme, in the
 * words of a program, in the code and the documents that are handed to one and in the values of
 * variables. Of {@code curl}, {@code git}, {@code ssh} and their like, whatever stands where an
 * address belongs is one: a name without a dot, a number, an address of this machine or network. A
 * host that is not allowed behind a scheme is refused. One without a scheme, and an address whose
 * host cannot be read, such as a variable, is a doubt, and doubt asks. Words of programs that reach
 * nothing but files ({@code grep}, {@code sed}, {@code git commit}) are prose. Asked before a
 * command step and at each use of a tool, in the order in which a step names its guardrails; off
 * unless it is switched on.
 *
 * @param allowed names of hosts, in lower case; {@code *.} at the beginning stands for any name
 *     below
 */
public record HostGuard(List<String> allowed) implements Guardrail {

  /** Its name. */
  public static final String RULE = "hosts";

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
      if (host.isPresent() && !address.startsWith(Lookups.GUESSED)) {
        return new Verdict.Refuse(
            Reason.GUARDRAIL_BLOCKED, "the host '" + host.get() + "' is not allowed", false);
      }
      answer = new Verdict.Ask(Reason.GUARDRAIL_BLOCKED, question(address, reach));
    }
    return answer;
  }

  /** A yes is about what was shown, so what is not known is shown with what it stands in. */
  private static String question(String address, Reach reach) {
    return Words.isUnknown(address)
        ? "May '" + reach.shown() + "' look up what is known only when it runs?"
        : "May '" + Reach.shortened(address) + "' be looked up?";
  }

  private boolean isAllowed(String host) {
    return allowed.stream()
        .anyMatch(
            name -> name.startsWith("*.") ? host.endsWith(name.substring(1)) : host.equals(name));
  }

  private static String whole(String address) {
    if (address.startsWith(Lookups.GUESSED)) {
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
