import { z } from 'zod';
import { PROFILE_NAME, RATE, rateOf } from './degrade.ts';
import { DURATION, durationOf, PER_CENT, perCentOf } from './failover.ts';
import { NO_USER } from './public-url.ts';
import { shown } from './shown.ts';
import { patternProblem, USABLE_PATTERN } from './test-pattern.ts';

/** A message says what is wrong with the value and begins with it; `input.ts` puts the key before it. */
const says = (remedy: string) => ({ error: ({ input }: { input?: unknown }) => `${shown(String(input))} ${remedy}` });

const HOST = '[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?';
const COMPONENT = '[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*';

/** The grammar of references in distribution/reference: HOST:PORT/PATH:TAG@DIGEST. */
const IMAGE = new RegExp(
  `^(${HOST}(\\.${HOST})*(:\\d+)?/)?${COMPONENT}(/${COMPONENT})*(:\\w[\\w.-]{0,127})?(@sha256:[0-9a-f]{64})?$`,
);

/** An image reference. */
export const image = z
  .string()
  .max(512, { abort: true })
  .regex(IMAGE, says('is not an image. Write it as REPOSITORY:TAG or REPOSITORY:TAG@sha256:DIGEST.'));
/** `500ms`, as milliseconds. */
export const duration = z
  .string()
  .regex(DURATION, says('is not a duration. Write it as 500ms, 5s or 1m.'))
  .transform((text) => durationOf(text));
/** `0.1%`, as a number. */
export const perCent = z
  .string()
  .regex(PER_CENT, says('is not a part of a hundred. Write it as 0.1%.'))
  .transform((text) => perCentOf(text));
/** `100mbit`, as bits a second. */
export const rate = z
  .string()
  .regex(RATE, says('is not a rate. Write it as 500kbit, 100mbit or 1gbit.'))
  .transform((text) => rateOf(text));
/** Of `degrade`. */
export const profileName = z
  .string()
  .regex(PROFILE_NAME, says('is not a name for a profile. Use a-z, 0-9 and dashes, at most 32, such as wan.'));
/** `v1.2.3` */
export const tag = z
  .string()
  .max(64, { abort: true })
  .regex(/^v\d+\.\d+\.\d+([-+][\w.+-]+)?$/, says('is not a version. Write it as v1.2.3.'));
/** `1.2.3` */
export const chartVersion = z
  .string()
  .max(64, { abort: true })
  .regex(/^\d+\.\d+\.\d+([-+][\w.+-]+)?$/, says('is not a version of the chart. Write it as 1.2.3, without v.'));
// what is no URL may have a password or a token anywhere: up to the last @, and after the first ?
const withoutSecrets = (text: string) =>
  text.replace(/^([a-z][a-z0-9+.-]*:[/\\]*).*@/is, '$1…@').replace(/\?.*/s, '?…');
const notAUrl = {
  error: ({ input }: { input?: unknown }) =>
    `${shown(withoutSecrets(String(input)))} is not a URL. Write it as https://HOST/PATH, or give a path.`,
  abort: true,
};

// no control character: a program cannot be given NUL, and none of the others is meant
const PLACE = /^[^-\s][^\0-\x1f\x7f]*$/;
// without flags, as editors read them
const WHOLE_DIGEST = /^(?![\s\S]*#[sS][hH][aA]256=(?![0-9a-fA-F]{64}$))/;
// three slashes, or one, are a host too for who fetches it, and hide a password from who looks for one
const HTTP_WITH_HOST = /^(?![hH][tT][tT][pP][sS]?:(?!\/\/[^/\\?#:]))/;
// at a blank the search for a password would end
const URL_WITHOUT_BLANK = /^(?![a-zA-Z][a-zA-Z0-9+.-]*:\/\/[\s\S]*\s)/;

/** A URL without user, password and query. */
export const MIRROR = /^https?:\/\/[^/\s?#@]+(\/[^\s?#]*)?$/;

/** A path, or a URL with what its bytes must be. */
export const place = z
  .string()
  .min(1, { abort: true })
  .meta({
    pattern: [WHOLE_DIGEST, HTTP_WITH_HOST, URL_WITHOUT_BLANK, NO_USER, PLACE].reduce(
      (all, { source }) => all + source.slice(1),
      '^',
    ),
  })
  .refine(
    (text) => PLACE.test(text),
    says('is neither a path nor a URL. Write a path, from the folder of this file, or https://….'),
  )
  .refine(
    (text) => WHOLE_DIGEST.test(text),
    says('ends in no SHA-256. Write #sha256= and 64 hexadecimal digits, or leave it out.'),
  )
  .refine((text) => HTTP_WITH_HOST.test(text) && (!/^https?:/i.test(text) || URL.canParse(text)), notAUrl)
  .refine((text) => URL_WITHOUT_BLANK.test(text), notAUrl)
  .refine(
    (text) => NO_USER.test(text),
    says('holds a user or a password, which lab.yaml is no place for. Download it, and give the path of the file.'),
  )
  // schemes know no case: nobody who reads it further need know that
  .transform((text) => text.replace(/^[a-z][a-z0-9+.-]*:\/\//i, (scheme) => scheme.toLowerCase()));

/** A host of URLs, with its port where it has one. */
export const host = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d+)?$/, says('is not a host. Write it as get.helm.sh.'));

/** What stands before the path of a file where it is mirrored. */
export const mirror = z
  .string()
  .meta({ pattern: MIRROR.source })
  .refine((text) => MIRROR.test(text) && URL.canParse(text), {
    error: ({ input }: { input?: unknown }) =>
      `${shown(withoutSecrets(String(input)))} is not a mirror. Write it as https://HOST/PATH, without user, password and query.`,
  });

/** The URL of a registry, which has no path: all of them answer at their root (distribution's docs on mirrors). */
const REGISTRY = /^https?:\/\/[^/\s?#@]+\/?$/;

/** A registry that is asked in the place of another. */
export const registryMirror = z
  .string()
  .meta({ pattern: REGISTRY.source })
  .refine((text) => REGISTRY.test(text) && URL.canParse(text), {
    error: ({ input }: { input?: unknown }) =>
      `${shown(withoutSecrets(String(input)))} is not a registry. Write it as https://HOST, without path, user and password.`,
  });

/** A pattern of `test.only`. */
export const testPattern = z
  .string()
  .min(1, { abort: true })
  .max(256, { abort: true })
  .meta({ pattern: USABLE_PATTERN })
  .superRefine((text, context) => {
    const message = patternProblem(text);
    if (message !== undefined) context.addIssue({ code: 'custom', message: `${shown(text)} ${message}` });
  });
