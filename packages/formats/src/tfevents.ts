/**
 * TensorBoard's event files (TensorFlow's event.proto and summary.proto): TFRecords of `Event` messages, the first of which
 * says `brain.Event:2`. Bytes in, bytes out: a file is what these functions give, one after the other.
 */
import protobuf from 'protobufjs/light.js'
import { frame, records } from './tfrecord.ts'

/** The fields that we write and read; others in a file are passed over. */
const { Event } = protobuf.Root.fromJSON({
  nested: {
    Event: {
      oneofs: { what: { oneof: ['fileVersion', 'summary'] } },
      fields: {
        wallTime: { type: 'double', id: 1 },
        step: { type: 'int64', id: 2 },
        fileVersion: { type: 'string', id: 3 },
        summary: { type: 'Summary', id: 5 },
      },
    },
    Summary: {
      fields: { value: { rule: 'repeated', type: 'Value', id: 1 } },
      nested: {
        Image: {
          fields: {
            height: { type: 'int32', id: 1 },
            width: { type: 'int32', id: 2 },
            colorspace: { type: 'int32', id: 3 },
            encodedImageString: { type: 'bytes', id: 4 },
          },
        },
        Value: {
          oneofs: { value: { oneof: ['simpleValue', 'image'] } },
          fields: {
            tag: { type: 'string', id: 1 },
            simpleValue: { type: 'float', id: 2 },
            image: { type: 'Image', id: 4 },
          },
        },
      },
    },
  },
}).nested as { Event: protobuf.Type }

/** When something was measured: Unix seconds, and optimiser steps done. */
export interface EventTime {
  wallTime: number
  step: number
}

export interface EventImage {
  tag: string
  /** The encoded picture, as a PNG file holds it. */
  png: Uint8Array
  width: number
  height: number
  /** Channels: 1 grey, 2 grey and alpha, 3 RGB, 4 RGBA. */
  colorspace: number
}

/** One event of a file. Scalars are the float32 numbers of `simple_value`. */
export interface TensorBoardEvent extends EventTime {
  fileVersion?: string
  scalars: Record<string, number>
  images: EventImage[]
}

/** `events.out.tfevents.<seconds>.<host>`, the name by which TensorBoard knows a file; seconds are Unix time. */
export function eventFileName(seconds: number, host: string): string {
  if (!Number.isSafeInteger(seconds) || seconds < 0) {
    throw new Error(`An event file can't begin at ${seconds} s. Give whole Unix seconds.`)
  }
  return `events.out.tfevents.${seconds}.${host.replaceAll(/[^\w.-]/g, '_') || 'localhost'}`
}

/** The record that every file begins with. */
export const eventFileHeader = (wallTime: number): Uint8Array =>
  record({ wallTime, step: 0 }, { fileVersion: 'brain.Event:2' })

/** One record with a number for each name, which TensorBoard draws as a curve; NaN and infinities are kept. */
export function scalarEvents({ scalars, ...when }: EventTime & { scalars: Readonly<Record<string, number>> }) {
  const value = Object.entries(scalars).map(([tag, simpleValue]) => ({ tag, simpleValue }))
  return record(when, { summary: { value } })
}

/** One record with a picture. Throws an Error where `png` is no PNG of that width and height. */
export function imageEvent({ tag, png, width, height, ...when }: EventTime & Omit<EventImage, 'colorspace'>) {
  const image = { width, height, colorspace: colorspaceOf(png, width, height), encodedImageString: png }
  return record(when, { summary: { value: [{ tag, image }] } })
}

/** The events of a file's bytes; a last one that is cut off is left out. Throws an Error that names a damaged record. */
export function readEvents(bytes: Uint8Array): TensorBoardEvent[] {
  return Array.from(records(bytes), ({ data, number, start }) => {
    try {
      return eventOf(data)
    } catch (cause) {
      throw new Error(
        `Record ${number} (at byte ${start}) is no TensorBoard event. Give a file named events.out.tfevents.….`,
        { cause },
      )
    }
  })
}

/** Bytes up to the end of the last record before anything that is none: where a writer goes on that was killed half-way. */
export function wholeLength(bytes: Uint8Array): number {
  let length = 0
  try {
    for (const { end } of records(bytes)) length = end
  } catch {
    // What follows is damaged, and no reader gets beyond it.
  }
  return length
}

interface Message {
  wallTime?: number
  step?: number
  fileVersion?: string
  summary?: { value?: { tag?: string; simpleValue?: number; image?: Partial<Picture> }[] }
}
interface Picture {
  height: number
  width: number
  colorspace: number
  encodedImageString: Uint8Array
}

function record({ wallTime, step }: EventTime, what: Pick<Message, 'fileVersion' | 'summary'>): Uint8Array {
  if (!Number.isFinite(wallTime) || !Number.isSafeInteger(step) || step < 0) {
    throw new Error(
      `An event can't be at ${wallTime} s, step ${step}. Give Unix seconds and a whole step of at least 0.`,
    )
  }
  // A zero is left out, as in TensorFlow's own files.
  return frame(Event.encode({ wallTime, ...(step > 0 && { step }), ...what }).finish())
}

function eventOf(data: Uint8Array): TensorBoardEvent {
  const message = Event.toObject(Event.decode(data), { longs: Number }) as Message
  const { wallTime = 0, step = 0, fileVersion, summary } = message
  const values = summary?.value ?? []
  const scalars = values.flatMap(({ tag = '', simpleValue }) =>
    simpleValue === undefined ? [] : [[tag, simpleValue] as const],
  )
  const images = values.flatMap(({ tag = '', image }): EventImage[] => {
    if (!image) return []
    const { encodedImageString = [], width = 0, height = 0, colorspace = 0 } = image
    return [{ tag, png: Uint8Array.from(encodedImageString), width, height, colorspace }]
  })
  return {
    wallTime,
    step,
    ...(fileVersion !== undefined && { fileVersion }),
    scalars: Object.fromEntries(scalars),
    images,
  }
}

/** Channels of the PNG's colour type: 0 grey, 2 RGB, 3 palette, 4 grey and alpha, 6 RGBA (PNG, §11.2.2). */
function colorspaceOf(png: Uint8Array, width: number, height: number): number {
  const view = new DataView(png.buffer, png.byteOffset, png.byteLength)
  const isPng = png.length > 33 && view.getUint32(0) === 0x89504e47 && view.getUint32(12) === 0x49484452
  const colorspace = isPng ? { 0: 1, 2: 3, 3: 3, 4: 2, 6: 4 }[png[25]!] : undefined
  if (colorspace === undefined) throw new Error('The picture of an event is no PNG. Encode it with encodePng.')
  const [w, h] = [view.getUint32(16), view.getUint32(20)]
  if (w !== width || h !== height) {
    throw new Error(`The picture is ${w}×${h}, but ${width}×${height} is said. Give its own width and height.`)
  }
  return colorspace
}
