const XRAY_HEADER = /^Root=1-([0-9a-f]{8})-([0-9a-f]{24});Parent=([0-9a-f]{16});Sampled=([01]).*$/;
const TRACEPARENT = /^00-([0-9a-f]{8})([0-9a-f]{24})-([0-9a-f]{16})-0([01])$/;

/** The X-Ray trace of the running invocation as a W3C `traceparent`, the form in which an event carries it. */
export function currentTraceparent(): string | undefined {
  return convert(process.env['_X_AMZN_TRACE_ID'], XRAY_HEADER, '00-$1$2-$3-0$4');
}

/** The same trace as an `X-Amzn-Trace-Id` header, the form in which EventBridge passes it on. */
export function traceHeader(traceparent: string | undefined): string | undefined {
  return convert(traceparent, TRACEPARENT, 'Root=1-$1-$2;Parent=$3;Sampled=$4');
}

function convert(text: string | undefined, from: RegExp, to: string): string | undefined {
  return text !== undefined && from.test(text) ? text.replace(from, to) : undefined;
}
